/** Something that is counted, and waited for. */
export class Count {
  #count = 0;
  #wanted = Number.POSITIVE_INFINITY;
  #reached: (() => void) | undefined;

  add(count: number): void {
    this.#count += count;
    if (this.#count >= this.#wanted) this.#reached?.();
  }

  /** Resolves when so many have been counted in all. One at a time. */
  reaches(wanted: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = wanted;
      this.#reached = resolve;
      this.add(0);
    });
  }
}
