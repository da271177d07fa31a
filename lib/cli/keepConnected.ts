import {
  concatWith,
  debounceTime,
  defer,
  ignoreElements,
  type Observable,
  retry,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { connectKcp } from '../kcp/index.js';
import { connect } from '../node/connect.js';
import { type Session } from '../session.js';
import { formatAddress } from './address.js';
import { type Context } from './Context.js';
import { messageOf } from './log.js';
import { type ClientOptions } from './options.js';

/**
 * A session, and another one whenever it is lost, until `stop$` emits: dialled at once, then slower and slower while that fails.
 * @param name for the log
 */
export function keepConnected(
  options: ClientOptions,
  name: string,
  { log, sessions, stop$ }: Context,
): Observable<never> {
  return sessions$(options).pipe(
    tap((session) => {
      sessions.add(session);
      const { remoteAddress, remotePort } = session.transport.info;
      log.message(`${name} with ${formatAddress(remoteAddress, remotePort)}`);
    }),
    // A session that falls at once, as with a certificate that the server does not take, is no success.
    debounceTime(STABLE_AFTER),
    concatWith(throwError(() => new Error('the server has closed it'))),
    retry({
      resetOnSuccess: true,
      delay: (error, count) =>
        defer(() => {
          const delay = Math.min(MAX_DELAY, MIN_DELAY * 2 ** (count - 1));
          log.message(`${name}: ${messageOf(error)}; again in ${delay} ms`);
          return timer(delay);
        }).pipe(takeUntil(stop$)),
    }),
    ignoreElements(),
  );
}

function sessions$({ remote, smux, tls, kcp }: ClientOptions): Observable<Session> {
  if (kcp && 'port' in remote) return connectKcp({ ...remote, ...smux, ...kcp });
  return connect({ ...remote, ...smux, ...(tls && { tls }) });
}

// Milliseconds.
const MIN_DELAY = 250;
const MAX_DELAY = 10_000;
const STABLE_AFTER = 5000;
