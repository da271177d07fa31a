import { asyncScheduler, defer, EMPTY, filter, ignoreElements, interval, merge, type Observable, tap } from 'rxjs';
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
 * @param nopHeard$ NOPs of the peer. One that comes when ours is overdue makes it due: our own timer may be throttled, in a
 * browser's background tab. They are never answered one for one
 */
export function keepAlive(
  { keepAliveDisabled, keepAliveInterval, keepAliveTimeout }: ResolvedOptions,
  received: () => number,
  mayBeSilent: () => boolean,
  nopHeard$: Observable<void>,
): Observable<unknown> {
  if (keepAliveDisabled) return EMPTY;
  const message = `nothing was heard of the peer for ${keepAliveTimeout} ms`;
  return defer(() => {
    let heard = received();
    let silentTicks = 0;
    let nopAt = asyncScheduler.now();
    const silence$ = interval(keepAliveTimeout / TICKS).pipe(
      tap(() => {
        silentTicks = received() === heard ? silentTicks + 1 : 0;
        heard = received();
        // Reading may resume at any moment of the tick to come, which therefore does not count.
        if (mayBeSilent()) silentTicks = -1;
        if (silentTicks === TICKS) throw new SessionError('SMUX_ERR_KEEPALIVE_TIMEOUT', message);
      }),
      ignoreElements(),
    );
    const overdue$ = nopHeard$.pipe(filter(() => asyncScheduler.now() - nopAt >= keepAliveInterval));
    const nops$ = merge(interval(keepAliveInterval), overdue$).pipe(
      tap(() => {
        nopAt = asyncScheduler.now();
      }),
    );
    return merge(nops$, silence$);
  });
}

const TICKS = 4;
