/** Acknowledgements that wait for the next flush. Bounded by its owner, who flushes when there are many. */
export class AckList {
  size = 0;
  #numbers = new Uint32Array(64);
  #timestamps = new Uint32Array(64);

  push(number: number, timestamp: number): void {
    if (this.size === this.#numbers.length) this.#grow();
    this.#numbers[this.size] = number;
    this.#timestamps[this.size++] = timestamp;
  }

  numberAt(index: number): number {
    return this.#numbers[index] as number;
  }

  timestampAt(index: number): number {
    return this.#timestamps[index] as number;
  }

  clear(): void {
    this.size = 0;
  }

  #grow(): void {
    const numbers = new Uint32Array(2 * this.size);
    const timestamps = new Uint32Array(2 * this.size);
    numbers.set(this.#numbers);
    timestamps.set(this.#timestamps);
    this.#numbers = numbers;
    this.#timestamps = timestamps;
  }
}
