/** Random numbers of a seed: mulberry32, which is small, fast, and good enough to mix histories. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    // Neighbouring seeds are no neighbours in what they give.
    for (let i = 0; i < 3; i++) this.#state = Math.imul(this.next() * 0x1_0000_0000, 0x9e37_79b1) >>> 0;
  }

  /** From 0 to 1, the latter never. */
  next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number, both ends included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** A whole number, small ones as likely as ones ten times as large. */
  skewed(from: number, to: number): number {
    const low = Math.log(from + 1);
    return Math.min(to, Math.max(from, Math.round(Math.exp(low + this.next() * (Math.log(to + 1) - low)) - 1)));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.between(0, values.length - 1)] as T;
  }
}
