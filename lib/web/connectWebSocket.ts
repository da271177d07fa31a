import {
  defer,
  finalize,
  fromEvent,
  identity,
  map,
  merge,
  type NextObserver,
  type Observable,
  take,
  tap,
  throwError,
  timeout,
} from 'rxjs';
import { SessionError } from '../errors.js';
import { resolveOptions, type SmuxOptions } from '../options.js';
import { createSession, type Session } from '../session.js';
import { sessionOver } from '../transport/sessionOver.js';
import { type Transport } from '../transport/Transport.js';
import { assertSizes } from './assertSizes.js';
import {
  type WebSocketEvent,
  type WebSocketLike,
  type WebSocketTransportOptions,
  webSocketTransport,
} from './webSocketTransport.js';

/** Where to connect, and how; the names are those of RxJS `webSocket()` where it has them. */
export interface WebSocketConfig extends SmuxOptions, WebSocketTransportOptions {
  readonly url: string | URL;
  /** Subprotocols to offer. Default: none */
  readonly protocol?: string | readonly string[];
  /** Told when the WebSocket is open, before the session is emitted. */
  readonly openObserver?: NextObserver<Event>;
  /** Told when the WebSocket is closed, or could not be opened; the session may have ended before. */
  readonly closeObserver?: NextObserver<CloseEvent>;
  /**
   * For platforms without a WebSocket of their own: that of the `ws` package, for one. Default: `globalThis.WebSocket`
   */
  readonly WebSocketCtor?: WebSocketConstructor;
  /** For opening the WebSocket, in milliseconds; `0` for ever. Default: 10000 */
  readonly connectTimeout?: number;
  /** Gives up connecting. A session that is there is not touched. */
  readonly signal?: AbortSignal;
}

/** Makes a WebSocket. */
export type WebSocketConstructor = new (url: string | URL, protocols?: string | string[]) => WebSocketLike;

/**
 * A session over a WebSocket as an Observable: connects on subscription and emits the session. Lives as long as it:
 * completes on an orderly close, errors on failure, and unsubscribing destroys it, so that
 * `retry({ delay, resetOnSuccess: true })` and `repeat()` reconnect.
 *
 * Beware of `take(1)` and `firstValueFrom`, which unsubscribe and so destroy the session: {@link connectWebSocketAsync}
 * is for that. Errors with `SessionError`: `SMUX_ERR_CONNECT`, `SMUX_ERR_CONNECT_TIMEOUT`, or what ended the session;
 * with the reason of `signal` when that gave up.
 * @throws RangeError for a bad option
 */
export function connectWebSocket(urlOrConfig: string | URL | WebSocketConfig): Observable<Session> {
  const config = configOf(urlOrConfig);
  return sessionOver(dial(config), config);
}

/** A connected session, which the caller owns and has to close. Rejects as {@link connectWebSocket} errors. */
export function connectWebSocketAsync(urlOrConfig: string | URL | WebSocketConfig): Promise<Session> {
  return new Promise((resolve, reject) => {
    const config = configOf(urlOrConfig);
    dial(config).subscribe({
      next: (transport) => resolve(createSession(transport, { ...config, role: 'client' })),
      error: reject,
    });
  });
}

function configOf(urlOrConfig: string | URL | WebSocketConfig): WebSocketConfig {
  const isUrl = typeof urlOrConfig === 'string' || urlOrConfig instanceof URL;
  const config = isUrl ? { url: urlOrConfig } : urlOrConfig;
  resolveOptions({ ...config, role: 'client' });
  assertSizes(config);
  return config;
}

/** Emits the transport of an open WebSocket and completes; unsubscribing before that gives it up. */
function dial(config: WebSocketConfig): Observable<Transport> {
  const { url, connectTimeout = 10_000, signal, openObserver, closeObserver } = config;
  return defer(() => {
    if (signal?.aborted) throw signal.reason;
    const socket = create(config);
    const transport = webSocketTransport(socket, config); // at once: a message may follow `open` in the same turn
    let isHandedOver = false;
    let failure: string | undefined;
    socket.addEventListener('open', (event) => openObserver?.next(event as Event));
    socket.addEventListener('error', ({ message }) => {
      failure = message;
    });
    socket.addEventListener('close', (event) => closeObserver?.next(event as CloseEvent));

    const opened$ = fromEvent(socket, 'open').pipe(map(() => transport));
    const refused$ = fromEvent<WebSocketEvent>(socket, 'close').pipe(
      map(({ code, reason }) => {
        throw connectError(url, failure || reason || `closed with code ${code}`);
      }),
    );
    const aborted$ = fromEvent(signal ?? new EventTarget(), 'abort').pipe(
      map(() => {
        throw signal?.reason;
      }),
    );
    const tooLate = () =>
      new SessionError('SMUX_ERR_CONNECT_TIMEOUT', `no connection to ${url} within ${connectTimeout} ms`);
    return merge(opened$, refused$, aborted$).pipe(
      connectTimeout > 0 ? timeout({ first: connectTimeout, with: () => throwError(tooLate) }) : identity,
      take(1),
      tap(() => {
        isHandedOver = true;
      }),
      finalize(() => isHandedOver || transport.destroy()),
    );
  });
}

function create({ url, protocol, WebSocketCtor = globalThis.WebSocket }: WebSocketConfig): WebSocketLike {
  if (!WebSocketCtor) throw connectError(url, 'this platform has no WebSocket, so WebSocketCtor is needed');
  try {
    return protocol === undefined ? new WebSocketCtor(url) : new WebSocketCtor(url, [protocol].flat());
  } catch (cause) {
    throw connectError(url, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function connectError(url: string | URL, reason: string, options?: ErrorOptions): SessionError {
  return new SessionError('SMUX_ERR_CONNECT', `cannot connect to ${url}: ${reason}`, options);
}
