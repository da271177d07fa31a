/** The pseudo-random bytes that the Go peer makes too: xorshift32, one byte a step, seeded. */
export class RandomBytes {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  take(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    let x = this.#state;
    for (let at = 0; at < size; at++) {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      bytes[at] = x;
    }
    this.#state = x >>> 0;
    return bytes;
  }
}

/** `size` bytes in chunks of at most `chunkSize`. */
export function* randomChunks(size: number, seed: number, chunkSize = 65_536): Generator<Uint8Array, void, undefined> {
  const random = new RandomBytes(seed);
  for (let left = size; left > 0; left -= chunkSize) yield random.take(Math.min(left, chunkSize));
}
