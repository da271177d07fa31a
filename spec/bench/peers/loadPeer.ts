import { type Peer } from './Peer.js';

/** Loads what one end of a link needs, and nothing of the others. */
export async function loadPeer(name: string): Promise<Peer> {
  switch (name) {
    case 'raw-pipe':
      return (await import('./rawPipe.js')).rawPipe;
    case 'raw-framed':
      return (await import('./rawFramed.js')).rawFramed;
    case 'raw-sockets':
      return (await import('./rawSockets.js')).rawSockets;
    case 'rx-smux-1':
      return (await import('./rxSmux.js')).rxSmux(1);
    case 'rx-smux-2':
      return (await import('./rxSmux.js')).rxSmux(2);
    case 'http2':
      return (await import('./http2.js')).http2();
    case 'http2-4m':
      return (await import('./http2.js')).http2(4 * 1024 * 1024);
    case 'libp2p-yamux': {
      const { libp2pYamux } = await import(new URL('../../../spec/bench/peers/libp2pYamux.mjs', import.meta.url).href);
      return libp2pYamux as Peer;
    }
    default:
      throw new Error(`there is no peer named ${name}`);
  }
}
