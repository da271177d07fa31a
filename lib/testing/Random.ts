/** Chance that can be repeated: the same seed gives the same numbers (a 32-bit generator of the splitmix kind). */
export class Random {
  #state: number;

  /** @param seed any integer; neighbours give unrelated numbers */
  constructor(seed: number) {
    this.#state = seed | 0; // 32 bits are the whole state
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0; // wraps
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32; // `>>> 0`: not negative
  }

  /** Small ones as often as large ones: each power of two up to `max` has the same chance. */
  size(max: number): number {
    return Math.floor(2 ** (this.next() * Math.log2(max + 1)));
  }
}
