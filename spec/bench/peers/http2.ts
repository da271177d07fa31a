import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer } from 'node:http2';
import { type AddressInfo } from 'node:net';
import { DuplexChannel } from './DuplexChannel.js';
import { onlyClientsOpen } from './onlyClientsOpen.js';
import { type Peer } from './Peer.js';

/**
 * Node's http2 without TLS: a request for each channel.
 * @param window of each stream and of the session, in bytes. Default: http2's own, 65535
 */
export function http2(window?: number): Peer {
  // The default of 10 MB is not enough for 10,000 streams.
  const options = { maxSessionMemory: 1000, ...(window && { settings: { initialWindowSize: window } }) };
  return {
    async listen(serve) {
      const server = createServer(options);
      server.on('session', (session) => {
        if (window) session.setLocalWindowSize(window);
        const accept = (take: (channel: DuplexChannel) => void) =>
          session.on('stream', (stream) => {
            stream.respond({ ':status': 200 });
            take(new DuplexChannel(stream));
          });
        serve({ open: onlyClientsOpen, accept });
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },

    async connect(port) {
      const session: ClientHttp2Session = connect(`http://127.0.0.1:${port}`, options);
      await once(session, 'connect');
      if (window) session.setLocalWindowSize(window);
      return {
        open: () => new DuplexChannel(session.request({ ':method': 'POST' }, { endStream: false })),
        accept: () => undefined,
      };
    },
  };
}
