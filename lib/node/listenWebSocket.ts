import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
  STATUS_CODES,
} from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer, type ServerOptions } from 'node:https';
import { type Duplex } from 'node:stream';
import { AsyncSubject, combineLatest, from, fromEvent, map, Observable, type Observer, takeUntil } from 'rxjs';
import { resolveOptions, type SmuxOptions } from '../options.js';
import { createSession, type Session } from '../session.js';
import { addressOf } from './addressOf.js';
import { type AdmissionOptions, admitUpgrade } from './admitUpgrade.js';
import { type ListeningAddress } from './listen.js';
import { socketInfo } from './socketInfo.js';
import { wsTransport } from './wsTransport.js';

/** Where to listen for WebSockets, whom to let in, and how the sessions shall behave. */
export interface ListenWebSocketOptions extends SmuxOptions, AdmissionOptions {
  /** An HTTP or HTTPS server to attach to, instead of a port; it stays its owner's to start and to close. */
  readonly server?: HttpServer | HttpsServer;
  /** Default: every address */
  readonly host?: string;
  /** `0` for one that is free. */
  readonly port?: number;
  /** TLS for the port, with the options of `https.createServer`. */
  readonly tls?: ServerOptions;
  /**
   * The path of the URL, without its query; of requests for others an attached server's other listeners may take care.
   * Default: every path
   */
  readonly path?: string;
  /** Largest message to take, in bytes; a larger one ends its session. Default: 4194304 */
  readonly maxMessageSize?: number;
  /** Gets the address when it is bound. */
  readonly listeningObserver?: Partial<Observer<ListeningAddress>>;
  /**
   * Told of what goes wrong with one connection before there is a session: `authorize` has failed, or a TLS handshake.
   */
  readonly onConnectionError?: (error: Error) => void;
  /** Unsubscribing closes the live sessions too. Default: `false`, they go on */
  readonly closeSessions?: boolean;
}

/**
 * A session for each WebSocket. Needs the package `ws`, version 8. Errors only when it cannot bind, or without that
 * package; unsubscribing stops listening, and detaches from an attached server.
 * @throws RangeError for a bad option
 */
export function listenWebSocket(options: ListenWebSocketOptions): Observable<Session> {
  const { server: attached, host, port, maxMessageSize = 4 * 1024 * 1024 } = options;
  const { listeningObserver, onConnectionError, closeSessions = false } = options;
  resolveOptions({ ...options, role: 'server' });
  if ((attached === undefined) === (port === undefined)) {
    throw new RangeError('listenWebSocket needs a port, or a server');
  }
  if (!(maxMessageSize > 0)) throw new RangeError(`maxMessageSize must be more than 0 bytes, got ${maxMessageSize}`);
  return new Observable((subscriber) => {
    const sessions = new Set<Session>();
    const server = attached ?? createOwnServer(options);
    const upgrader$ = loadUpgrader(maxMessageSize);
    const serve = (request: IncomingMessage, socket: WebSocket) => {
      const info = { ...socketInfo(request.socket), request };
      const session = createSession(wsTransport(socket, info), { ...options, role: 'server' });
      sessions.add(session);
      session.closed$.subscribe(() => sessions.delete(session));
      subscriber.next(session);
    };
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (!isFor(options.path, request)) {
        if (isForNobody(server, upgrade, request)) refuse(socket, 404);
        return;
      }
      socket.on('error', () => undefined);
      const admitted$ = combineLatest([admitUpgrade(request, options), upgrader$]);
      admitted$.pipe(takeUntil(fromEvent(socket, 'close'))).subscribe({
        next: ([status, upgrader]) => {
          if (status !== 101) refuse(socket, status);
          else if (subscriber.closed) refuse(socket, 503);
          else upgrader.handleUpgrade(request, socket, head, (webSocket) => serve(request, webSocket));
        },
        error: (error: Error) => {
          refuse(socket, 500);
          onConnectionError?.(error);
        },
      });
    };
    const listening = () => listeningObserver?.next?.(addressOf(server.address()));
    const failed = (error: Error) => (server.listening ? onConnectionError?.(error) : subscriber.error(error));

    paths.set(upgrade, options.path);
    server.on('upgrade', upgrade);
    subscriber.add(() => {
      server.off('upgrade', upgrade).off('listening', listening);
      if (!attached) server.close();
      if (closeSessions) for (const session of sessions) session.close();
    });
    if (server.listening) listening();
    else server.on('listening', listening);
    upgrader$.subscribe({
      error: (cause: unknown) => subscriber.error(new Error('listenWebSocket needs the package ws', { cause })),
    });
    if (attached) return;
    server.on('error', failed).on('close', () => listeningObserver?.complete?.());
    try {
      server.listen({ port, host });
    } catch (error) {
      subscriber.error(error);
    }
  });
}

function createOwnServer({ tls, onConnectionError }: ListenWebSocketOptions): HttpServer {
  const answer: RequestListener = (_, response) => void response.writeHead(426, { upgrade: 'websocket' }).end();
  if (!tls) return createServer(answer);
  return createTlsServer(tls, answer).on('tlsClientError', (error) => onConnectionError?.(error));
}

/** Loaded when it is needed: who listens for no WebSocket need not have the package. */
function loadUpgrader(maxPayload: number): Observable<WebSocketServer> {
  const upgrader$ = new AsyncSubject<WebSocketServer>();
  const options = { noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload };
  from(import('ws'))
    .pipe(map(({ WebSocketServer }) => new WebSocketServer(options)))
    .subscribe(upgrader$);
  return upgrader$;
}

function isFor(path: string | undefined, { url = '' }: IncomingMessage): boolean {
  return path === undefined || url.replace(/\?.*/s, '') === path;
}

/** Asked of the last listener: are there none but ours, and is none of them for this request? */
function isForNobody(server: HttpServer | HttpsServer, listener: object, request: IncomingMessage): boolean {
  const listeners = server.listeners('upgrade');
  return (
    listeners.at(-1) === listener && listeners.every((each) => paths.has(each) && !isFor(paths.get(each), request))
  );
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => undefined);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** What each listener is for, as several may be attached to one server. */
const paths = new WeakMap<object, string | undefined>();

// Not imported, for even an import of types alone would be one of the package.
type WebSocket = import('ws').WebSocket;
type WebSocketServer = import('ws').WebSocketServer;
