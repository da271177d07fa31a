import { asyncScheduler } from 'rxjs';

/**
 * Says whether one more may come: a token bucket, filled by the time that has passed whenever it is asked, so without a timer.
 * @param perSecond how many, which may also come all at once; `0` for no limit
 * @returns to be called for each that wants to come; false when it is too soon
 */
export function limitRate(perSecond: number): () => boolean {
  let tokens = perSecond;
  let filledAt = asyncScheduler.now();
  return () => {
    if (perSecond === 0) return true;
    const now = asyncScheduler.now();
    const elapsed = Math.max(0, now - filledAt); // the clock may be set back
    filledAt = now;
    tokens = Math.min(perSecond, tokens + (elapsed * perSecond) / 1000);
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}
