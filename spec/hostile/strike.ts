import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Attack } from './attacks.js';

/** Writes what an attack sends to a server, for so long, and then stays. */
export async function strike(
  attack: Attack,
  port: number,
  ms: number,
): Promise<{ /** Bytes. */ readonly sent: number; retreat(): void }> {
  const until = performance.now() + ms;
  const sockets = await Promise.all(Array.from({ length: attack.connections ?? 1 }, () => dial(port)));
  if (attack.reads) for (const socket of sockets) socket.resume();
  await Promise.all(sockets.map((socket) => write(socket, attack, until)));
  const left = until - performance.now();
  if (left > 0) await sleep(left);
  return {
    sent: sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    retreat: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function write(socket: Socket, { bytes, pause = 0 }: Attack, until: number): Promise<void> {
  let chunks = 0;
  for (const chunk of bytes()) {
    if (performance.now() >= until || socket.destroyed) return;
    if (pause > 0) await sleep(pause);
    else if (++chunks % 64 === 0) await sleep(0); // a kernel that takes everything leaves no turn to the clock
    if (socket.write(chunk)) continue;
    const patience = new AbortController();
    const drained = Promise.race([once(socket, 'drain', patience), once(socket, 'close', patience)]);
    await Promise.race([
      drained.catch(() => undefined),
      sleep(Math.max(0, until - performance.now()), undefined, patience),
    ]);
    patience.abort();
  }
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}
