import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** A datagram socket that drops what the system has no room for, as the network might have done. */
export class UdpSocket {
  readonly socket: Socket;
  readonly #bufferSize: number;

  /** @param bufferSize of the system's buffers, in bytes, once the socket is bound */
  constructor(socket: Socket, bufferSize: number) {
    this.socket = socket;
    this.#bufferSize = bufferSize;
    // For good: what goes wrong with one datagram must not end the process.
    socket.on('error', () => undefined);
  }

  /** A socket of the family of an IP address. */
  static for(address: string, bufferSize: number): UdpSocket {
    const family = isIPv6(address) ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      // Only addresses are used; without this, each datagram to one would go through the resolver, a turn later.
      lookup: (host, _, callback) => callback(null, host, family),
    });
    return new UdpSocket(socket, bufferSize);
  }

  /** Returns whether all have left. Without port and address they go to the connected peer. */
  send(datagrams: readonly Uint8Array[], port?: number, address?: string): boolean {
    const { socket } = this;
    if (socket.getSendQueueSize() > this.#bufferSize) return true;
    for (const datagram of datagrams) {
      if (port === undefined) socket.send(datagram);
      else socket.send(datagram, port, address);
    }
    return socket.getSendQueueCount() === 0;
  }

  /** To be called when the socket is bound. */
  setBuffers(): void {
    try {
      this.socket.setRecvBufferSize(this.#bufferSize);
      this.socket.setSendBufferSize(this.#bufferSize);
    } catch {
      // The system has its own idea of what is enough.
    }
  }
}
