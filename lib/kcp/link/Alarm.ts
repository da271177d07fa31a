import { monotonicNow } from './monotonicNow.js';

/** One timer, which is set anew only when it would be late: it may ring too soon, and whoever hears it looks whether it is time. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at = 0;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** @param delay milliseconds; `Infinity` for nothing to wait for */
  set(delay: number): void {
    if (delay === Number.POSITIVE_INFINITY) return;
    const at = monotonicNow() + delay;
    if (this.#timer !== undefined && this.#at <= at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#ring();
    }, delay);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
