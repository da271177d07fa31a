import { Observable, type OperatorFunction } from 'rxjs';
import { follow } from '../follow.js';

/** What a reader tells a writer: how much it has consumed, and how much more it takes. */
export interface WindowUpdate {
  /** Bytes consumed since the stream began, modulo 2^32. */
  readonly consumed: number;
  /** Bytes that may be under way beyond `consumed`. */
  readonly window: number;
}

/**
 * Turns consumed bytes into window updates: one at the first bytes, then one whenever half a window has been consumed
 * (Go: stream.go, sendWindowUpdate), or 256 KiB: a peer at the end of a long link should not wait for half of a large one.
 *
 * ```text
 * source   --6--4--4--6--8--|      bytes consumed, with a window of 16
 * sent$    -------------s---|
 * result   --a----------b---|      a: 6 consumed; b: 20 consumed, held back until a was sent
 * ```
 *
 * @param options.window bytes, less than 2^31; a function is asked at each update
 * @param options.consumed bytes consumed before the subscription
 * @param options.limit bytes that the peer may send without an update; with a limit, the first bytes need none
 * @param options.sent$ tells that the last update has left: until then at most one more is held, the newest. Without it none is held.
 */
export function windowUpdates(options: {
  readonly window: number | (() => number);
  readonly consumed?: number;
  readonly limit?: number;
  readonly sent$?: Observable<unknown>;
}): OperatorFunction<number, WindowUpdate> {
  const { window, consumed = 0, limit = 0, sent$ } = options;
  return (source) =>
    new Observable((subscriber) => {
      let total = consumed;
      let announced = consumed + limit; // bytes that the peer may send in all
      let isPending = false;

      const take = (size: number) => {
        total += size;
        if (isPending || total === consumed) return;
        const most = typeof window === 'function' ? window() : window;
        if (announced - total > most - Math.min(most / 2, MAX_STEP)) return;
        announced = total + most;
        isPending = sent$ !== undefined;
        subscriber.next({ consumed: total >>> 0, window: most }); // `>>> 0`: the count wraps at 2^32
      };
      const release = () => {
        isPending = false;
        take(0);
      };
      if (sent$) follow(subscriber, sent$, release);
      follow(subscriber, source, take, () => subscriber.complete());
    });
}

/** Bytes. */
const MAX_STEP = 262_144;
