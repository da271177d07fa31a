import { onTestFailed } from 'vitest';
import { echoServer, tcpConnect } from '../../cli/tcp.js';
import { startCommand } from '../../helpers/command.js';
import { randomChunks, sha256 } from '../../helpers/random.js';
import { lossyRelay } from './lossyRelay.js';
import { kcptunClient, kcptunServer } from './peers.js';

/** Which end is ours; the other one is kcptun. */
export type Ours = 'client' | 'server';

/**
 * A target that echoes, a server and a client, of which one is ours and the other kcptun; the port that the client accepts on.
 * @param loss of datagrams between the two, each way: from 0 to 1
 * @param ownFlags for our end alone
 */
export async function chain(
  ours: Ours,
  flags: readonly string[],
  { loss = 0, ownFlags = [] }: { readonly loss?: number; readonly ownFlags?: readonly string[] } = {},
): Promise<number> {
  const target = `127.0.0.1:${(await echoServer()).port}`;
  const serverFlags = flags.filter((flag) => !flag.startsWith('--conn'));
  const start = async (...args: readonly string[]) => {
    const command = await startCommand(...args, '127.0.0.1:0', '--kcp', ...ownFlags);
    onTestFailed(() => console.error(command.messages));
    return command.port;
  };
  const server =
    ours === 'server'
      ? await start('server', ...serverFlags, '-t', target, '-l')
      : (await kcptunServer(target, serverFlags)).port;
  const remote = loss > 0 ? await lossyRelay(server, loss) : server;
  return ours === 'client'
    ? await start('client', ...flags, '-r', `127.0.0.1:${remote}`, '-l')
    : (await kcptunClient(remote, flags)).port;
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
