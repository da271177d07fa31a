// A peer (see Peer.ts) that is js-libp2p's yamux over its TCP transport. Plain JavaScript beside its own packages: those who build
// the project have not installed them.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { defaultLogger } from '@libp2p/logger';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';

/** @type {import('./Peer.js').Peer} */
export const libp2pYamux = {
  async listen(serve) {
    // A connection belongs to who upgrades it: here, nobody encrypts or negotiates, so that only the multiplexer is measured.
    const upgrader = {
      upgradeInbound: async (connection) => serve(linkOver(muxerOver(connection))),
      createInboundAbortSignal: (signal) => signal,
    };
    const port = await freePort();
    const listener = transport().createListener({ upgrader });
    await listener.listen(multiaddr(`/ip4/127.0.0.1/tcp/${port}`));
    return port;
  },

  async connect(port) {
    const upgrader = { upgradeOutbound: async (connection) => linkOver(muxerOver(connection)) };
    return await transport().dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}`), {
      upgrader,
      signal: new AbortController().signal,
    });
  },
};

function linkOver(muxer) {
  return {
    open: async () => new StreamChannel(await muxer.createStream()),
    accept: (serve) => muxer.addEventListener('stream', ({ detail }) => serve(new StreamChannel(detail))),
  };
}

class StreamChannel {
  #stream;

  constructor(stream) {
    this.#stream = stream;
  }

  get isWritable() {
    return !this.#stream.writableNeedsDrain;
  }

  async pump(chunks) {
    for await (const chunk of chunks) {
      if (!this.#stream.send(chunk)) {
        await new Promise((resolve) => this.#stream.addEventListener('drain', resolve, { once: true }));
      }
    }
  }

  write(bytes) {
    this.#stream.send(bytes);
  }

  read(take) {
    // What comes is one view or a list of them.
    this.#stream.addEventListener('message', ({ data }) => {
      if (data instanceof Uint8Array) take(data);
      else for (const chunk of data) take(chunk);
    });
  }

  echo() {
    this.#stream.addEventListener('message', ({ data }) => this.#stream.send(data));
    this.#stream.addEventListener('remoteCloseWrite', () => void this.#stream.close().catch(() => undefined));
  }

  close() {
    this.#stream.close().catch(() => undefined);
  }
}

function muxerOver(connection) {
  // Default options, but for the number of streams.
  return yamux({ maxInboundStreams: 200_000, maxOutboundStreams: 200_000 })({ logger }).createStreamMuxer(connection);
}

function transport() {
  return tcp()({ logger });
}

/** The transport does not say which one it took. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const logger = defaultLogger();
