import { echoServer, tcpConnect } from '../../cli/tcp.js';
import { startCommand } from '../../helpers/command.js';
import { randomChunks, sha256 } from '../../helpers/random.js';
import { lossyRelay } from './lossyRelay.js';
import { kcptunClient, kcptunServer } from './peers.js';

/** Which end is ours; the other one is kcptun. */
export type Ours = 'client' | 'server';

/** An application, a client, a server, and a target that echoes: a kcptun client and our server, or the other way round. */
export async function chain(ours: Ours, flags: readonly string[], { loss = 0, targetPort = 0 } = {}) {
  const target = targetPort === 0 ? (await echoServer()).port : targetPort;
  const serverFlags = flags.flatMap((flag) => (flag === '--conn=4' ? [] : [flag]));
  let linkPort: number;
  if (ours === 'server') {
    linkPort = (await startCommand('server', '-l', '127.0.0.1:0', '-t', `127.0.0.1:${target}`, '--kcp', ...serverFlags))
      .port;
  } else {
    linkPort = (await kcptunServer(target, serverFlags)).port;
  }
  const remote = loss > 0 ? await lossyRelay(linkPort, loss) : linkPort;
  if (ours === 'server') return (await kcptunClient(remote, flags)).port;
  return (await startCommand('client', '-l', '127.0.0.1:0', '-r', `127.0.0.1:${remote}`, '--kcp', ...flags)).port;
}

/** Sends bytes that a seed decides and reads as many; both hashes. */
export async function echo(port: number, size: number, seed = 1): Promise<{ sent: string; received: string }> {
  const socket = await tcpConnect(port);
  const received: Buffer[] = [];
  let receivedSize = 0;
  const all = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      receivedSize += chunk.length;
      if (receivedSize >= size) resolve();
    });
    socket.once('close', () => reject(new Error(`closed after ${receivedSize} of ${size} bytes`)));
  });
  const chunks = [...randomChunks(size, seed)];
  for (const chunk of chunks) {
    if (!socket.write(chunk)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), all]);
  }
  await all;
  socket.destroy();
  return { sent: sha256(chunks), received: sha256(received) };
}
