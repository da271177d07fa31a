import { EMPTY, ignoreElements, interval, map, merge, type Observable, scan } from 'rxjs';
import { SessionError } from '../errors.js';
import { type ResolvedOptions } from '../options.js';

/**
 * Emits whenever a NOP is due and errors when the peer has been silent for too long (Go: session.go, keepalive).
 *
 * ```text
 * peer     --x--------------      x: bytes of any kind
 * result   ----n---n---n--#       n: every keepAliveInterval; #: keepAliveTimeout after x, at most a quarter more
 * ```
 *
 * Silence is counted in ticks, not read from a clock, so that a clock that is set or a machine that has slept does no harm.
 * @param received bytes received so far
 * @param isPaused we do not read the link: silence means nothing, and counts anew afterwards
 */
export function keepAlive(
  { keepAliveDisabled, keepAliveInterval, keepAliveTimeout }: ResolvedOptions,
  received: () => number,
  isPaused: () => boolean,
): Observable<void> {
  if (keepAliveDisabled) return EMPTY;
  const watch$ = interval(keepAliveTimeout / TICKS).pipe(
    scan(
      (last, _) => {
        const now = received();
        // Reading may resume at any moment of the tick to come, which therefore does not count.
        if (isPaused()) return { received: now, silentTicks: -1 };
        if (now !== last.received) return { received: now, silentTicks: 0 };
        const silentTicks = last.silentTicks + 1;
        if (silentTicks === TICKS) {
          throw new SessionError(
            'SMUX_ERR_KEEPALIVE_TIMEOUT',
            `nothing was heard of the peer for ${keepAliveTimeout} ms`,
          );
        }
        return { received: now, silentTicks };
      },
      { received: received(), silentTicks: 0 },
    ),
  );
  const nops$ = interval(keepAliveInterval).pipe(map(() => undefined));
  return merge(nops$, watch$.pipe(ignoreElements()));
}

const TICKS = 4;
