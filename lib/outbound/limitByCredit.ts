import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import { follow } from '../follow.js';
import { ByteQueue } from '../queue/ByteQueue.js';

/**
 * Lets bytes through as far as there is credit and holds the rest, in order.
 *
 * ```text
 * source   --a-----b--|            a: 4 bytes, b: 4 bytes
 * limit$   3----6--------8---      bytes allowed in all since the subscription
 * result   --x--y--z-----(w|)      x: 3 bytes of a, y: the last of a, z: 2 of b, w: 2 of b
 * ```
 *
 * The limit is a running total, not a grant, and may fall: what has passed stays passed. Chunks are split at the limit; small
 * chunks that have to wait are gathered. Completion of the source waits for the bytes held, an error does not; completion of
 * `limit$` leaves the last limit in force.
 * @param limit$ bytes allowed in all, `Infinity` for no limit; before its first value nothing passes. Parts of a byte do not count
 * @returns an operator that errors with `RangeError` on a limit that is NaN, and with the error of `limit$`
 */
export function limitByCredit(limit$: Observable<number>): MonoTypeOperatorFunction<Uint8Array> {
  return (source) =>
    new Observable((subscriber) => {
      const held = new ByteQueue();
      let limit = 0;
      let passed = 0;
      let isEnded = false;
      let isDraining = false;

      const pass = (chunk: Uint8Array) => {
        passed += chunk.length;
        subscriber.next(chunk);
      };
      const drain = () => {
        // A consumer may raise or lower the limit, or feed the source, while it takes a chunk: the loop sees it.
        if (isDraining) return;
        isDraining = true;
        while (!subscriber.closed) {
          const chunk = held.shift(limit - passed);
          if (chunk === undefined) break;
          pass(chunk);
        }
        isDraining = false;
        if (isEnded && held.size === 0) subscriber.complete();
      };

      follow(subscriber, limit$, (next) => {
        if (Number.isNaN(next)) throw new RangeError('a limit must be a number of bytes, got NaN');
        limit = Math.floor(next);
        drain();
      });
      const take = (chunk: Uint8Array) => {
        if (chunk.length === 0) return;
        if (isDraining || held.size > 0 || chunk.length > limit - passed) {
          held.push(chunk);
        } else {
          isDraining = true;
          pass(chunk); // the common case: no queue, no split
          isDraining = false;
        }
        drain();
      };
      follow(subscriber, source, take, () => {
        isEnded = true;
        drain();
      });
    });
}
