import { type Duplex } from 'node:stream';
import { type Channel } from './Peer.js';

/** A channel that is a Node stream: a socket, a stream of http2. */
export class DuplexChannel implements Channel {
  readonly #duplex: Duplex;

  constructor(duplex: Duplex) {
    this.#duplex = duplex.on('error', () => undefined);
  }

  get isWritable(): boolean {
    return !this.#duplex.writableNeedDrain;
  }

  pump(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): void {
    if (Symbol.iterator in chunks) this.#pour(chunks[Symbol.iterator]());
    else void this.#pourAwaiting(chunks);
  }

  write(bytes: Uint8Array): void {
    this.#duplex.write(bytes);
  }

  read(take: (chunk: Uint8Array) => void): void {
    this.#duplex.on('data', take);
  }

  echo(): void {
    this.#duplex.on('data', (chunk) => this.#duplex.write(chunk)).on('end', () => this.#duplex.end());
  }

  close(): void {
    this.#duplex.end();
  }

  /** The fastest way that honours what `write` returns: no Promise a chunk. */
  #pour(chunks: Iterator<Uint8Array>): void {
    const pour = () => {
      for (;;) {
        const { done, value } = chunks.next();
        if (done || !this.#duplex.write(value)) return;
      }
    };
    this.#duplex.on('drain', pour);
    pour();
  }

  async #pourAwaiting(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of chunks) {
      if (!this.#duplex.write(chunk)) await new Promise<void>((resolve) => this.#duplex.once('drain', resolve));
    }
  }
}
