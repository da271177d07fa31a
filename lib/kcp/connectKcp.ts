import { Observable } from 'rxjs';
import { SessionError } from '../errors.js';
import { resolveOptions, type SmuxOptions } from '../options.js';
import { createSession, type Session } from '../session.js';
import { dialKcp, type Target } from './dialKcp.js';
import { type Conversation } from './link/Conversation.js';
import { type KcpTransport } from './link/KcpTransport.js';
import { type KcpOptions, resolveKcpOptions } from './options.js';

/** A session whose link tells about the network. */
export interface KcpSession extends Session {
  readonly transport: KcpTransport;
}

/** Where to connect, and how KCP and the session shall behave. */
export interface ConnectKcpOptions extends KcpOptions, SmuxOptions {
  /** Default: `'localhost'` */
  readonly host?: string;
  readonly port: number;
  /** For an answer of the server, in milliseconds; `0` for ever. Default: 10000 */
  readonly connectTimeout?: number;
  /** Gives up dialling. A session that is there is not touched. */
  readonly signal?: AbortSignal;
}

/**
 * A session over KCP as an Observable, with the ways of `connect` of `rx-smux/node`: dials on subscription and emits the session when
 * the server has answered; completes on an orderly close, errors on failure, and unsubscribing destroys the session.
 *
 * KCP has no end of its own: a server that goes away is noticed by its silence, after `keepAliveTimeout`.
 * Errors with `SessionError`: `SMUX_ERR_CONNECT`, `SMUX_ERR_CONNECT_TIMEOUT`, or what ended the session; with the reason of
 * `signal` when that gave up.
 * @throws RangeError for a bad option
 */
export function connectKcp(options: ConnectKcpOptions): Observable<KcpSession> {
  const { target, kcp } = check(options);
  return new Observable((subscriber) => {
    const dialling = dialKcp(target, kcp).subscribe({
      next: (conversation) => {
        const session = sessionOver(conversation, options);
        subscriber.add(() => session.destroy());
        subscriber.next(session);
        session.closed$.subscribe(({ cause }) => {
          if (cause) subscriber.error(explained(cause, session));
          else subscriber.complete();
        });
      },
      error: (cause: unknown) => subscriber.error(cause),
    });
    subscriber.add(dialling);
  });
}

/** A connected session, which the caller owns and has to close. Rejects as {@link connectKcp} errors. */
export function connectKcpAsync(options: ConnectKcpOptions): Promise<KcpSession> {
  return new Promise((resolve, reject) => {
    const { target, kcp } = check(options);
    dialKcp(target, kcp).subscribe({
      next: (conversation) => resolve(sessionOver(conversation, options)),
      error: reject,
    });
  });
}

function check(options: ConnectKcpOptions) {
  resolveOptions({ ...options, role: 'client' });
  const { host = 'localhost', port, connectTimeout = 10_000, signal } = options;
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new RangeError(`port must be from 1 to 65535, got ${port}`);
  const target: Target = { host, port, connectTimeout, signal };
  return { target, kcp: resolveKcpOptions(options) };
}

function sessionOver(conversation: Conversation, options: SmuxOptions): KcpSession {
  return createSession(conversation, { ...options, role: 'client' }) as KcpSession;
}

/** A peer that reads datagrams and never says anything is one that does not understand what is in them. */
function explained(cause: Error, session: Session): Error {
  const isSilence = cause instanceof SessionError && cause.code === 'SMUX_ERR_KEEPALIVE_TIMEOUT';
  if (!isSilence || session.stats.received > 0) return cause;
  const message = `${cause.message}, nor ever before: compression and smux version must be the same on both ends`;
  return new SessionError('SMUX_ERR_KEEPALIVE_TIMEOUT', message, { cause });
}
