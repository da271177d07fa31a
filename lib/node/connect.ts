import { connect as connectTcp, type NetConnectOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { map, Observable, Subscription, timer } from 'rxjs';
import { SessionError } from '../errors.js';
import { resolveOptions, type SmuxOptions } from '../options.js';
import { createSession, type Session } from '../session.js';
import { sessionOver } from '../transport/sessionOver.js';
import { socketTransport } from './socketTransport.js';

/** Where to connect, and how the session shall behave. */
export interface ConnectOptions extends SmuxOptions {
  /** Default: `'localhost'` */
  readonly host?: string;
  readonly port?: number;
  /** A Unix socket, instead of host and port. */
  readonly path?: string;
  /** TLS, with the options of `tls.connect`; `true` for its defaults. The server's certificate is verified unless told otherwise. */
  readonly tls?: ConnectionOptions | boolean;
  /** For dialling, in milliseconds; `0` for ever. Default: 10000 */
  readonly connectTimeout?: number;
  /** Gives up dialling. A session that is there is not touched. */
  readonly signal?: AbortSignal;
}

/**
 * A session as an Observable: dials on subscription and emits the session. Lives as long as it: completes on an orderly close,
 * errors on failure, and unsubscribing destroys it, so that `retry({ delay, resetOnSuccess: true })` and `repeat()` reconnect.
 *
 * Beware of `take(1)` and `firstValueFrom`, which unsubscribe and so destroy the session: `connectAsync` is for that.
 * Errors with `SessionError`: `SMUX_ERR_CONNECT`, `SMUX_ERR_CONNECT_TIMEOUT`, or what ended the session; with the reason of
 * `signal` when that gave up.
 * @throws RangeError for a bad option
 */
export function connect(options: ConnectOptions): Observable<Session> {
  resolveOptions({ ...options, role: 'client' });
  targetOf(options);
  return sessionOver(dial(options).pipe(map(socketTransport)), options);
}

/** A connected session, which the caller owns and has to close. Rejects as {@link connect} errors. */
export function connectAsync(options: ConnectOptions): Promise<Session> {
  return new Promise((resolve, reject) => {
    resolveOptions({ ...options, role: 'client' });
    dial(options).subscribe({
      next: (socket) => resolve(createSession(socketTransport(socket), { ...options, role: 'client' })),
      error: reject,
    });
  });
}

/** Emits a connected socket and completes; unsubscribing before that destroys it. */
function dial(options: ConnectOptions): Observable<Socket> {
  const { connectTimeout = 10_000, signal, tls = false } = options;
  return new Observable((subscriber) => {
    if (signal?.aborted) return subscriber.error(signal.reason);
    const where = options.path ?? `${options.host ?? 'localhost'}:${options.port}`;
    const target = targetOf(options);
    let socket: Socket;
    try {
      const tlsOptions = tls === true ? {} : tls;
      socket = tlsOptions ? connectTls({ ...target, ...tlsOptions }) : connectTcp(target);
    } catch (cause) {
      return subscriber.error(connectError(where, cause));
    }
    const connected = () => {
      isConnected = true;
      waiting.unsubscribe();
      subscriber.next(socket);
      subscriber.complete();
    };
    const failed = (cause: unknown) => subscriber.error(connectError(where, cause));
    const aborted = () => subscriber.error(signal?.reason);
    let isConnected = false;
    const event = tls ? 'secureConnect' : 'connect';
    socket.once(event, connected).once('error', failed);
    signal?.addEventListener('abort', aborted, { once: true });

    const waiting = new Subscription(() => {
      socket.off(event, connected).off('error', failed);
      signal?.removeEventListener('abort', aborted);
      if (isConnected) return;
      socket.on('error', () => undefined);
      socket.destroy();
    });
    if (connectTimeout > 0) {
      waiting.add(
        timer(connectTimeout).subscribe(() => {
          const message = `no connection to ${where} within ${connectTimeout} ms`;
          subscriber.error(new SessionError('SMUX_ERR_CONNECT_TIMEOUT', message));
        }),
      );
    }
    return waiting;
  });
}

function targetOf({ host, port, path }: ConnectOptions): NetConnectOpts {
  // Half-open sockets are ours to end: the peer's end of input must not cut off what is being written.
  if (path !== undefined) return { path, allowHalfOpen: true };
  if (port === undefined) throw new RangeError('connect needs a port, or a path');
  return { ...(host === undefined ? {} : { host }), port, allowHalfOpen: true };
}

function connectError(where: string, cause: unknown): SessionError {
  const reason = cause instanceof Error ? cause.message || ('code' in cause && String(cause.code)) : String(cause);
  return new SessionError('SMUX_ERR_CONNECT', `cannot connect to ${where}: ${reason}`, { cause });
}
