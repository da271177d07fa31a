import { type Socket } from 'node:dgram';
import { createCipher } from '../datagram/createCipher.js';
import { DatagramReader } from '../datagram/DatagramReader.js';
import { type ResolvedKcpOptions } from '../options.js';
import { Conversation } from './Conversation.js';
import { monotonicNow } from './monotonicNow.js';
import { UdpSocket } from './UdpSocket.js';

/**
 * A conversation that has a connected socket for itself.
 * @param heard called for every datagram that is part of it
 */
export function openConversation(
  socket: Socket,
  number: number,
  options: ResolvedKcpOptions,
  heard: () => void = () => undefined,
): Conversation {
  const udp = new UdpSocket(socket, options.socketBuffer);
  udp.setBuffers();
  const cipher = createCipher(options.crypt, options.key);
  const { address: localAddress, port: localPort } = socket.address();
  const { address: remoteAddress, port: remotePort } = socket.remoteAddress();
  const conversation = new Conversation(number, {
    options,
    cipher,
    info: { localAddress, localPort, remoteAddress, remotePort },
    send: (datagrams) => udp.send(datagrams),
    released: () => socket.close(),
  });

  let refusedAt: number | undefined;
  const reader = new DatagramReader<void>(cipher, (payload) => {
    if (payload === undefined) return conversation.reject();
    if (!conversation.receive(payload)) return;
    refusedAt = undefined;
    heard();
  });
  socket.on('message', (datagram) => reader.push(datagram));
  // The system was told that nobody listens there. That may be a moment's truth, so it has to be told again.
  socket.on('error', (cause) => {
    const now = monotonicNow();
    refusedAt ??= now;
    if (now - refusedAt >= REFUSED_FOR) conversation.fail(cause);
  });
  return conversation;
}

// Milliseconds.
const REFUSED_FOR = 1000;
