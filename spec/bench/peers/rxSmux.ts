import { type Session, type SmuxStream, type Version } from 'rx-smux';
import { connectAsync, listen } from 'rx-smux/node';
import { type Channel, type Link, type Peer } from './Peer.js';

/** rx-smux, default options except for what a task cannot do without. */
export function rxSmux(version: Version): Peer {
  return {
    listen: (serve) =>
      new Promise((resolve, reject) => {
        const listeningObserver = { next: ({ port = 0 }) => resolve(port) };
        listen({ host: '127.0.0.1', port: 0, maxStreams: MAX_STREAMS, listeningObserver }).subscribe({
          next: (session) => serve(linkOver(session)),
          error: reject,
        });
      }),
    connect: async (port) => linkOver(await connectAsync({ host: '127.0.0.1', port, version })),
  };
}

function linkOver(session: Session): Link {
  return {
    open: () => new StreamChannel(session.open()),
    accept: (serve) => session.streams$.subscribe((stream) => serve(new StreamChannel(stream))),
  };
}

class StreamChannel implements Channel {
  readonly #stream: SmuxStream;

  constructor(stream: SmuxStream) {
    this.#stream = stream;
  }

  /** As a socket, which says so while 16 KiB wait. */
  get isWritable(): boolean {
    return this.#stream.bufferedAmount < 16_384;
  }

  /** `send` pulls from what can be pulled: that is the fast way for bulk. */
  pump(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): void {
    this.#stream.send(chunks).subscribe({ error: ignore });
  }

  write(bytes: Uint8Array): void {
    this.#stream.next(bytes);
  }

  read(take: (chunk: Uint8Array) => void): void {
    this.#stream.subscribe({ next: take, error: ignore });
  }

  echo(): void {
    this.#stream.send(this.#stream).subscribe({ error: ignore });
  }

  close(): void {
    this.#stream.close();
  }
}

/** Processes are ended in the middle of their work. */
function ignore(): void {}

/** The servers of W8 hold 100,000 streams. */
const MAX_STREAMS = 200_000;
