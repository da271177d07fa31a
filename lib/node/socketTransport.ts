import { type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Transport } from '../transport/Transport.js';
import { duplexTransport } from './duplexTransport.js';

/** Makes a connected TCP, TLS or Unix socket the link of a session. The transport owns it from now on, errors included. */
export function socketTransport(socket: Socket): Transport {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  socket.setNoDelay(true); // batches are made here, Nagle's algorithm would only delay them
  return duplexTransport(socket, {
    localAddress,
    localPort,
    remoteAddress,
    remotePort,
    peerCertificate: socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined,
  });
}
