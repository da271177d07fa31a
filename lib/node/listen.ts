import { createServer, type ListenOptions as NetListenOptions, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Observable, type Observer } from 'rxjs';
import { resolveOptions, type SmuxOptions } from '../options.js';
import { createSession, type Session } from '../session.js';
import { addressOf } from './addressOf.js';
import { socketTransport } from './socketTransport.js';

/** Where to listen, and how the sessions shall behave. */
export interface ListenOptions extends SmuxOptions {
  /** Default: every address */
  readonly host?: string;
  /** `0` for one that is free. */
  readonly port?: number;
  /** A Unix socket, instead of host and port. */
  readonly path?: string;
  /** TLS, with the options of `tls.createServer`: `key`, `cert`; `ca`, `requestCert` for client certificates. */
  readonly tls?: TlsOptions;
  /** Gets the address when it is bound: for a Unix socket, `address` is its path. */
  readonly listeningObserver?: Partial<Observer<ListeningAddress>>;
  /** Told of what goes wrong with one connection before there is a session: a failed TLS handshake, no descriptor left. */
  readonly onConnectionError?: (error: Error) => void;
  /** Unsubscribing closes the live sessions too. Default: `false`, they go on */
  readonly closeSessions?: boolean;
}

/** Where a server listens: an address and its port, or the path of a Unix socket. */
export interface ListeningAddress {
  readonly address: string;
  readonly port?: number;
}

/**
 * A session for each connection. Errors only when it cannot bind; unsubscribing stops listening.
 * @throws RangeError for a bad option
 */
export function listen(options: ListenOptions): Observable<Session> {
  const { host, port, path, tls, listeningObserver, onConnectionError, closeSessions = false, ...smux } = options;
  resolveOptions({ ...smux, role: 'server' });
  if (port === undefined && path === undefined) throw new RangeError('listen needs a port, or a path');
  return new Observable((subscriber) => {
    const sessions = new Set<Session>();
    const serve = (socket: Socket) => {
      if (subscriber.closed) return void socket.destroy(); // its TLS handshake took longer
      const session = createSession(socketTransport(socket), { ...smux, role: 'server' });
      sessions.add(session);
      session.closed$.subscribe(() => sessions.delete(session));
      subscriber.next(session);
    };
    // Half-open sockets are ours to end: the peer's end of input must not cut off what is being written.
    const server = tls
      ? createTlsServer({ ...tls, allowHalfOpen: true }, serve)
      : createServer({ allowHalfOpen: true }, serve);
    server.on('error', (error) => (server.listening ? onConnectionError?.(error) : subscriber.error(error)));
    server.on('tlsClientError', (error: Error, socket: Socket) => {
      onConnectionError?.(error);
      socket.destroy();
    });
    server.on('listening', () => listeningObserver?.next?.(addressOf(server.address())));
    server.on('close', () => listeningObserver?.complete?.());
    const where: NetListenOptions = path === undefined ? { port: port as number, ...(host && { host }) } : { path };
    try {
      server.listen(where);
    } catch (error) {
      subscriber.error(error);
      return;
    }
    subscriber.add(() => {
      server.close();
      if (closeSessions) for (const session of sessions) session.close();
    });
  });
}
