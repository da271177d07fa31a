import { randomFillSync } from 'node:crypto';

/** Random bytes for nonces, fetched many at a time. */
export class RandomPool {
  readonly #bytes = new Uint8Array(4096);
  #at = this.#bytes.length;

  /** Fills `size` bytes of the target. */
  fill(target: Uint8Array, at: number, size: number): void {
    if (this.#at + size > this.#bytes.length) {
      randomFillSync(this.#bytes);
      this.#at = 0;
    }
    for (let index = 0; index < size; index++) target[at + index] = this.#bytes[this.#at + index] as number;
    this.#at += size;
  }
}
