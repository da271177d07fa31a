import { type Socket } from 'node:net';
import { type Channel, type Link, type Peer } from './Peer.js';
import { connectSocket, listenForSockets } from './sockets.js';

/**
 * One `net.Socket` with the least framing that tells a few channels apart (a byte for the channel, four for the length): what one
 * writes who has no multiplexer. What is written to one channel waits behind everything written before.
 */
export const rawFramed: Peer = {
  listen: (serve) => listenForSockets((socket) => serve(new FramedLink(socket))),
  connect: async (port) => new FramedLink(await connectSocket(port)),
};

class FramedLink implements Link {
  readonly socket: Socket;
  readonly #takers: ((chunk: Uint8Array) => void)[] = [];
  readonly #header = Buffer.alloc(HEADER_SIZE);
  #headerSize = 0;
  #missing = 0;
  #count = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.#decode(chunk));
  }

  open(): Channel {
    return new FramedChannel(this, this.#count++);
  }

  accept(serve: (channel: Channel) => void): void {
    for (let id = 0; id < CHANNELS; id++) serve(new FramedChannel(this, id));
  }

  read(id: number, take: (chunk: Uint8Array) => void): void {
    this.#takers[id] = take;
  }

  #decode(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#missing > 0) {
        const part = chunk.subarray(at, at + this.#missing);
        this.#takers[this.#header[0] ?? 0]?.(part);
        this.#missing -= part.length;
        at += part.length;
        continue;
      }
      const copied = chunk.copy(this.#header, this.#headerSize, at, at + HEADER_SIZE - this.#headerSize);
      at += copied;
      this.#headerSize += copied;
      if (this.#headerSize < HEADER_SIZE) return;
      this.#headerSize = 0;
      this.#missing = this.#header.readUInt32LE(1);
    }
  }
}

class FramedChannel implements Channel {
  readonly #link: FramedLink;
  readonly #id: number;

  constructor(link: FramedLink, id: number) {
    this.#link = link;
    this.#id = id;
  }

  get isWritable(): boolean {
    return !this.#link.socket.writableNeedDrain;
  }

  async pump(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    const { socket } = this.#link;
    for await (const chunk of chunks) {
      if (!this.#send(chunk)) await new Promise<void>((resolve) => socket.once('drain', resolve));
    }
  }

  write(bytes: Uint8Array): void {
    this.#send(bytes);
  }

  read(take: (chunk: Uint8Array) => void): void {
    this.#link.read(this.#id, take);
  }

  echo(): void {
    this.read((chunk) => this.write(chunk));
  }

  close(): void {
    this.#link.socket.end();
  }

  #send(bytes: Uint8Array): boolean {
    const { socket } = this.#link;
    const header = Buffer.alloc(HEADER_SIZE);
    header[0] = this.#id;
    header.writeUInt32LE(bytes.length, 1);
    socket.cork(); // so that both leave in one system call
    socket.write(header);
    const isReady = socket.write(bytes);
    socket.uncork();
    return isReady;
  }
}

const HEADER_SIZE = 5;
const CHANNELS = 2;
