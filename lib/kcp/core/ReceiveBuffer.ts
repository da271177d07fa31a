import { serialDiff } from './serialDiff.js';

/**
 * What has arrived and has not been taken: a ring of as many slots as the window has.
 *
 * ```text
 *   taken │ in order, waits to be taken │ gap │ early │
 *         head                          next          head + window
 * ```
 */
export class ReceiveBuffer {
  /** The number that is missing: all below it have arrived. */
  next: number;
  readonly #window: number;
  readonly #slots: (Uint8Array | undefined)[];
  readonly #mask: number;
  #head: number;

  /** @param window segments */
  constructor(window: number, first: number) {
    this.#window = window;
    const capacity = 2 ** Math.ceil(Math.log2(window));
    this.#slots = new Array<Uint8Array | undefined>(capacity).fill(undefined);
    this.#mask = capacity - 1;
    this.next = first;
    this.#head = first;
  }

  /** Free slots, which is what the peer is told. */
  get room(): number {
    return this.#window - serialDiff(this.next, this.#head);
  }

  /** Whether a number is below the end of the window; those that have been taken are. */
  isBelowEnd(number: number): boolean {
    return serialDiff(number, this.#head) < this.#window;
  }

  /** Takes a segment in; false where it is there already, or beyond the window. */
  insert(number: number, payload: Uint8Array): boolean {
    if (serialDiff(number, this.next) < 0 || !this.isBelowEnd(number)) return false;
    const slot = number & this.#mask;
    if (this.#slots[slot] !== undefined) return false;
    this.#slots[slot] = payload;
    while (serialDiff(this.next, this.#head) < this.#window && this.#slots[this.next & this.#mask] !== undefined) {
      this.next = (this.next + 1) >>> 0; // wraps at 2^32
    }
    return true;
  }

  shift(): Uint8Array | undefined {
    if (this.#head === this.next) return undefined;
    const slot = this.#head & this.#mask;
    const payload = this.#slots[slot];
    this.#slots[slot] = undefined;
    this.#head = (this.#head + 1) >>> 0; // wraps at 2^32
    return payload;
  }
}
