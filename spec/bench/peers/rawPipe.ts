import { type Socket } from 'node:net';
import { DuplexChannel } from './DuplexChannel.js';
import { type Link, type Peer } from './Peer.js';
import { connectSocket, listenForSockets } from './sockets.js';

/** One bare `net.Socket`: every channel is the socket itself, all that is written shares it. */
export const rawPipe: Peer = {
  listen: (serve) => listenForSockets((socket) => serve(linkOver(socket))),
  connect: async (port) => linkOver(await connectSocket(port)),
};

function linkOver(socket: Socket): Link {
  socket.setMaxListeners(0); // a hundred producers may wait for it
  const channel = new DuplexChannel(socket);
  return { open: () => channel, accept: (serve) => serve(channel) };
}
