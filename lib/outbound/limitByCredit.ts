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
      let isPassing = false;

      const pass = (chunk: Uint8Array) => {
        // A consumer may raise or lower the limit, or feed the source, while it takes a chunk: what comes then waits its turn.
        isPassing = true;
        passed += chunk.length;
        subscriber.next(chunk);
        isPassing = false;
      };
      const drain = () => {
        if (isPassing) return;
        for (let chunk = held.shift(limit - passed); chunk && !subscriber.closed; chunk = held.shift(limit - passed)) {
          pass(chunk);
        }
        if (isEnded && held.size === 0) subscriber.complete();
      };
      const take = (chunk: Uint8Array) => {
        if (chunk.length === 0) return;
        if (isPassing || held.size > 0 || chunk.length > limit - passed) {
          held.push(chunk);
        } else {
          pass(chunk); // the common case: no queue, no split
        }
        if (held.size > 0 || isEnded) drain();
      };

      follow(subscriber, limit$, (next) => {
        if (Number.isNaN(next)) throw new RangeError('a limit must be a number of bytes, got NaN');
        limit = Math.floor(next);
        drain();
      });
      follow(subscriber, source, take, () => {
        isEnded = true;
        drain();
      });
    });
}
