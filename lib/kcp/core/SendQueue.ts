import { Fifo } from '../../queue/Fifo.js';

/** A piece of the stream that fits in one segment. Its bytes are used again when it has been released. */
export interface Block {
  readonly bytes: Uint8Array;
  size: number;
}

/** Bytes that wait for room in the window, cut as segments will carry them. What is written is copied, once. */
export class SendQueue {
  readonly #blockSize: number;
  readonly #waiting = new Fifo<Block>();
  readonly #free: Block[] = [];
  readonly #maxFree: number;
  #last: Block | undefined;

  /**
   * @param blockSize the most that a segment carries, in bytes
   * @param maxFree blocks kept for the next bytes, while others are under way
   */
  constructor(blockSize: number, maxFree: number) {
    this.#blockSize = blockSize;
    this.#maxFree = maxFree;
  }

  /** Segments. */
  get size(): number {
    return this.#waiting.size;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      // The last one is topped up: the bytes are a stream, whose writes leave no borders.
      let block = this.#last;
      if (block === undefined || block.size === this.#blockSize) {
        block = this.#free.pop() ?? { bytes: new Uint8Array(this.#blockSize), size: 0 };
        this.#last = block;
        this.#waiting.push(block);
      }
      const size = Math.min(this.#blockSize - block.size, bytes.length - at);
      block.bytes.set(size === bytes.length ? bytes : bytes.subarray(at, at + size), block.size);
      block.size += size;
      at += size;
    }
  }

  shift(): Block | undefined {
    const block = this.#waiting.shift();
    if (this.#waiting.size === 0) this.#last = undefined;
    return block;
  }

  /** Gives back a block that nobody needs any more. */
  release(block: Block): void {
    block.size = 0;
    if (this.#free.length < this.#maxFree) this.#free.push(block);
  }

  /** Lets go of what a transfer that has come to its end needed. */
  trim(): void {
    if (this.#free.length > FREE_AT_REST) this.#free.length = FREE_AT_REST;
  }
}

const FREE_AT_REST = 64;
