import { Fifo } from './Fifo.js';

/**
 * Bytes that wait, in order. Small chunks are gathered into blocks, so that a flood of tiny ones does not cost a hundred times
 * its size; large ones wait as they are, unless they are views that would keep a much larger buffer alive.
 */
export class ByteQueue {
  readonly #chunks = new Fifo<Uint8Array>();
  /** The newest bytes, gathered: they come after `#chunks`. */
  #block: Uint8Array | undefined;
  #blockSize = 0;
  #size = 0;

  /** Bytes that wait. */
  get size(): number {
    return this.#size;
  }

  push(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (chunk.length > GATHER_LIMIT) {
      this.#sealBlock();
      this.#chunks.push(unpinned(chunk, 2));
      return;
    }
    if (this.#block === undefined || this.#blockSize + chunk.length > this.#block.length) {
      const twice = 2 * (this.#block?.length ?? 0);
      this.#sealBlock();
      this.#block = new Uint8Array(Math.max(chunk.length, Math.min(MAX_BLOCK_SIZE, Math.max(MIN_BLOCK_SIZE, twice))));
    }
    this.#block.set(chunk, this.#blockSize);
    this.#blockSize += chunk.length;
  }

  /** Takes the next chunk, or its first `limit` bytes where it is longer. @param limit a whole number of bytes */
  shift(limit: number): Uint8Array | undefined {
    if (limit <= 0 || this.#size === 0) return undefined;
    if (this.#chunks.size === 0) this.#sealBlock();
    const chunk = this.#chunks.peek() as Uint8Array;
    if (chunk.length > limit) {
      this.#chunks.replaceHead(unpinned(chunk.subarray(limit), 8));
      this.#size -= limit;
      return chunk.subarray(0, limit);
    }
    this.#chunks.shift();
    this.#size -= chunk.length;
    return chunk;
  }

  /** Appends what the block has gathered to the chunks. What comes later goes into a new one: bytes handed out are never overwritten. */
  #sealBlock(): void {
    if (this.#block !== undefined && this.#blockSize > 0) this.#chunks.push(this.#block.subarray(0, this.#blockSize));
    this.#block = undefined;
    this.#blockSize = 0;
  }
}

/** The chunk, or a copy where it would keep a buffer more than `times` its size alive. */
function unpinned(chunk: Uint8Array, times: number): Uint8Array {
  // Not `slice`: that of a Node Buffer is another view.
  return chunk.length * times < chunk.buffer.byteLength ? new Uint8Array(chunk) : chunk;
}

const GATHER_LIMIT = 2048;
const MIN_BLOCK_SIZE = 512;
const MAX_BLOCK_SIZE = 16_384;
