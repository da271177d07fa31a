import { connect, createServer, type ListenOptions, type Socket } from 'node:net';
import { Observable } from 'rxjs';
import { type Address, formatAddress } from './address.js';
import { messageOf } from './log.js';

/**
 * Accepts connections. Errors when it cannot bind; unsubscribing stops listening, the connections live on.
 * @param listening gets the bound address
 */
export function accept(address: Address, listening: (address: string) => void): Observable<Socket> {
  return new Observable((subscriber) => {
    const server = createServer(SOCKET_OPTIONS, (socket) => subscriber.next(guarded(socket)));
    server.on('error', (error) => {
      if (!server.listening) subscriber.error(error);
    });
    server.on('listening', () => {
      const bound = server.address();
      if (bound !== null) listening(typeof bound === 'string' ? bound : formatAddress(bound.address, bound.port));
    });
    subscriber.add(() => server.close());
    server.listen(address as ListenOptions);
  });
}

/** A connected socket; errors when there is none in time. Unsubscribing before gives up. */
export function dial(address: Address): Observable<Socket> {
  return new Observable((subscriber) => {
    const socket = guarded(connect({ host: 'localhost', ...address, ...SOCKET_OPTIONS }));
    const failed = (cause: Error) => subscriber.error(new Error(`cannot connect: ${messageOf(cause)}`, { cause }));
    socket.setTimeout(DIAL_TIMEOUT, () => socket.destroy(new Error(`no answer for ${DIAL_TIMEOUT} ms`)));
    socket.once('error', failed).once('connect', () => {
      socket.setTimeout(0).off('error', failed);
      subscriber.next(socket);
      subscriber.complete();
    });
    return () => {
      if (socket.connecting) socket.destroy();
    };
  });
}

export function peerOf({ remoteAddress, remotePort }: Socket): string {
  return formatAddress(remoteAddress, remotePort);
}

/** An error that comes when nobody looks after the socket any more must not end the process. */
function guarded(socket: Socket): Socket {
  return socket.on('error', () => undefined);
}

const SOCKET_OPTIONS = { allowHalfOpen: true, noDelay: true } as const;
const DIAL_TIMEOUT = 10_000;
