import { defer, EMPTY, ignoreElements, interval, merge, type Observable, tap } from 'rxjs';
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
 * @param mayBeSilent silence means nothing now, and counts anew afterwards
 */
export function keepAlive(
  { keepAliveDisabled, keepAliveInterval, keepAliveTimeout }: ResolvedOptions,
  received: () => number,
  mayBeSilent: () => boolean,
): Observable<unknown> {
  if (keepAliveDisabled) return EMPTY;
  return defer(() => {
    let heard = received();
    let silentTicks = 0;
    const silence$ = interval(keepAliveTimeout / TICKS).pipe(
      tap(() => {
        silentTicks = received() === heard ? silentTicks + 1 : 0;
        heard = received();
        // Reading may resume at any moment of the tick to come, which therefore does not count.
        if (mayBeSilent()) silentTicks = -1;
        if (silentTicks < TICKS) return;
        throw new SessionError(
          'SMUX_ERR_KEEPALIVE_TIMEOUT',
          `nothing was heard of the peer for ${keepAliveTimeout} ms`,
        );
      }),
      ignoreElements(),
    );
    return merge(interval(keepAliveInterval), silence$);
  });
}

const TICKS = 4;
