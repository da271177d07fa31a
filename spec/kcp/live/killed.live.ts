import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { echoServer, outcome, tcpConnect } from '../../cli/tcp.js';
import { startCommand } from '../../helpers/command.js';
import { randomChunks } from '../../helpers/random.js';
import { echo } from './chain.js';
import { hasKcptun, kcptunClient, kcptunServer } from './peers.js';

describe.skipIf(!hasKcptun)('our end, killed in the middle of a transfer and started again', () => {
  it('is a client: a kcptun server serves the next one, and lets go of what the first one had', async () => {
    const target = await echoServer();
    const server = await kcptunServer(`127.0.0.1:${target.port}`, []);
    const flags = ['-r', `127.0.0.1:${server.port}`, '--kcp'];
    const first = await startCommand('client', '-l', '127.0.0.1:0', ...flags);
    await echo(first.port, 10_000);
    const open = () => descriptorCount(server.child.pid);
    const atRest = await settled(open);
    const cut = await transfer(first.port);
    expect(open()).toBe(atRest + 1); // its connection to the target
    const ending = outcome(cut);
    first.kill('SIGKILL');
    await first.exited;
    await ending;

    const second = await startCommand('client', '-l', first.address, ...flags);
    const { sent, received } = await echo(second.port, 5_000_000);
    expect(received).toBe(sent);
    // Noticed by silence, for which kcptun has a patience of 30 to 60 seconds.
    await expect.poll(open, { timeout: 75_000, interval: 1000 }).toBe(atRest);
  });

  it('is a server: a kcptun client dials again when its patience is over, and lets go of the first session', async () => {
    const target = await echoServer();
    const flags = ['-t', `127.0.0.1:${target.port}`, '--kcp'];
    const server = await startCommand('server', '-l', '127.0.0.1:0', ...flags);
    const client = await kcptunClient(server.port, []);
    await echo(client.port, 10_000);
    const open = () => descriptorCount(client.child.pid);
    const atRest = await settled(open); // with the socket of its session
    const cut = await transfer(client.port);
    expect(open()).toBeGreaterThan(atRest);
    const ending = outcome(cut);
    server.kill('SIGKILL');
    await server.exited;
    const second = await startCommand('server', '-l', server.address, ...flags);
    await ending;

    const { sent, received } = await echo(client.port, 5_000_000);
    expect(received).toBe(sent);
    expect(second.messages).toMatch(/session from/);
    await expect.poll(open, { timeout: 75_000, interval: 1000 }).toBe(atRest);
  });
});

/** A connection whose bytes are coming back, and many more under way. */
async function transfer(port: number): Promise<Socket> {
  const socket = await tcpConnect(port);
  for (const chunk of randomChunks(50_000_000, 1)) socket.write(chunk);
  for (let size = 0; size < 1_000_000; ) size += ((await once(socket, 'data')) as [Buffer])[0].length;
  return socket;
}

/** What a process has open. */
function descriptorCount(pid: number | undefined): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The count when it no longer changes. */
async function settled(count: () => number): Promise<number> {
  let last = -1;
  const isSettled = () => {
    const before = last;
    last = count();
    return last === before;
  };
  await expect.poll(isSettled, { interval: 500 }).toBe(true);
  return last;
}
