import { asyncScheduler } from 'rxjs';

/**
 * How large a batch may be. What has been handed over cannot be overtaken, so a batch is what the link takes in about a
 * millisecond: small ones for a slow link, on which small frames should not wait long behind large ones, and large ones for a
 * fast link, on which each write costs more than its bytes.
 */
export class BatchSize {
  #sent = 0;
  #since = asyncScheduler.now();
  /** Bytes a millisecond. */
  #rate = 0;

  /** @param waiting bytes that wait: a batch that took most of them would take no account of weights */
  next(waiting: number): number {
    return Math.max(SMALLEST, Math.min(LARGEST, this.#rate, waiting / 8));
  }

  /** Counts a batch that the link has taken. */
  sent(size: number): void {
    this.#sent += size;
    const now = asyncScheduler.now();
    const elapsed = now - this.#since;
    if (elapsed >= 0 && elapsed < PERIOD) return;
    this.#rate = elapsed > 0 ? this.#sent / elapsed : 0; // the clock may be set back
    this.#sent = 0;
    this.#since = now;
  }
}

/** Bytes. */
const SMALLEST = 131_072;
const LARGEST = 1_048_576;
/** Milliseconds. */
const PERIOD = 20;
