import { DuplexChannel } from './DuplexChannel.js';
import { onlyClientsOpen } from './onlyClientsOpen.js';
import { type Channel, type Peer } from './Peer.js';
import { connectSocket, listenForSockets } from './sockets.js';

/** A TCP connection for each channel. */
export const rawSockets: Peer = {
  listen(serve) {
    let accept: (channel: Channel) => void = () => undefined;
    serve({
      open: onlyClientsOpen,
      accept: (take) => {
        accept = take;
      },
    });
    return listenForSockets((socket) => accept(new DuplexChannel(socket)));
  },
  connect: async (port) => ({
    open: async () => new DuplexChannel(await connectSocket(port)),
    accept: () => undefined,
  }),
};
