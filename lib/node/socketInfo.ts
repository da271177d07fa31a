import { type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type TransportInfo } from '../transport/Transport.js';

/** Where a connected socket leads. */
export function socketInfo(socket: Socket): TransportInfo {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  const peerCertificate = socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined;
  return { localAddress, localPort, remoteAddress, remotePort, peerCertificate };
}
