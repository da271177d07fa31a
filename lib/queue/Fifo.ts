/** A first-in first-out queue: a ring that grows with what it holds. */
export class Fifo<T> {
  #ring: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#size === this.#ring.length) this.#resize(Math.max(MIN_CAPACITY, 2 * this.#size));
    this.#ring[(this.#head + this.#size++) & (this.#ring.length - 1)] = item;
  }

  peek(): T | undefined {
    return this.#ring[this.#head];
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined; // so that it can be collected
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#size--;
    // A quarter, not half: a queue that goes up and down by one item must not be moved each time.
    if (this.#ring.length > KEPT_CAPACITY && this.#size === this.#ring.length / 4) this.#resize(this.#ring.length / 2);
    return item;
  }

  /** Puts another item where the first one is. */
  replaceHead(item: T): void {
    this.#ring[this.#head] = item;
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let at = 0; at < this.#size; at++) yield this.#ring[(this.#head + at) & (this.#ring.length - 1)] as T;
  }

  /** @param capacity a power of 2, so that places are found with a mask */
  #resize(capacity: number): void {
    const ring = [...this];
    for (let at = ring.length; at < capacity; at++) ring.push(undefined as T);
    this.#ring = ring;
    this.#head = 0;
  }
}

const MIN_CAPACITY = 4;
const KEPT_CAPACITY = 256;
