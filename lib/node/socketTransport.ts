import { type Socket } from 'node:net';
import { type Transport } from '../transport/Transport.js';
import { duplexTransport } from './duplexTransport.js';
import { socketInfo } from './socketInfo.js';

/**
 * Makes a connected TCP, TLS or Unix socket the link of a session. The transport owns it from now on, errors included.
 */
export function socketTransport(socket: Socket): Transport {
  socket.setNoDelay(true); // batches are made here, Nagle's algorithm would only delay them
  return duplexTransport(socket, socketInfo(socket));
}
