import { asyncScheduler } from 'rxjs';

/** How fast the peer may open streams: a token bucket, filled by the time that has passed whenever it is asked, so without a timer. */
export class StreamRate {
  readonly #perSecond: number;
  #tokens: number;
  #filledAt = asyncScheduler.now();

  /** @param perSecond streams, which may also come all at once; `0` for no limit */
  constructor(perSecond: number) {
    this.#perSecond = this.#tokens = perSecond;
  }

  /** One more stream is opened. @returns false when it is too soon */
  take(): boolean {
    if (this.#perSecond === 0) return true;
    const now = asyncScheduler.now();
    const elapsed = Math.max(0, now - this.#filledAt); // the clock may be set back
    this.#filledAt = now;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + (elapsed * this.#perSecond) / 1000);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
