import { asyncScheduler } from 'rxjs';

/**
 * Says how large the next batch may be. What has been handed over cannot be overtaken, so a batch is what the link takes in about
 * a millisecond: small ones for a slow link, on which small frames should not wait long behind large ones, and large ones for a
 * fast link, on which each write costs more than its bytes.
 * @returns to be asked for each batch, with the bytes sent so far and those that wait: a batch that took most of them would take
 * no account of weights
 */
export function batchSizes(): (sent: number, waiting: number) => number {
  let rate = 0; // bytes a millisecond
  let sentBefore = 0;
  let since = asyncScheduler.now();
  return (sent, waiting) => {
    const now = asyncScheduler.now();
    const elapsed = now - since;
    if (elapsed < 0 || elapsed >= PERIOD) {
      rate = (sent - sentBefore) / elapsed; // negative, as good as none, when the clock was set back
      sentBefore = sent;
      since = now;
    }
    return Math.max(SMALLEST, Math.min(LARGEST, rate, waiting / 8));
  };
}

/** Bytes. */
const SMALLEST = 131_072;
const LARGEST = 1_048_576;
/** Milliseconds. */
const PERIOD = 20;
