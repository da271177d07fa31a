import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { echoServer, outcome, tcpConnect } from '../../cli/tcp.js';
import { startCommand } from '../../helpers/command.js';
import { echo } from './chain.js';
import { hasKcptun, kcptunClient, kcptunServer } from './peers.js';

describe.skipIf(!hasKcptun)('a peer that is killed and comes back', () => {
  it('is dialled again by our client when it is a kcptun server', async () => {
    const target = await echoServer();
    const server = await kcptunServer(`127.0.0.1:${target.port}`, []);
    const client = await startCommand('client', '-l', '127.0.0.1:0', '-r', `127.0.0.1:${server.port}`, '--kcp');
    const socket = await tcpConnect(client.port);
    socket.write('x');
    await once(socket, 'data');
    server.child.kill('SIGKILL');
    await server.closed;
    const writing = setInterval(() => socket.write('x'), 100);
    expect(await outcome(socket)).toBe('ECONNRESET');
    clearInterval(writing);
    await client.said(/session: the link .*ECONNREFUSED; again in/);
    await kcptunServer(`127.0.0.1:${target.port}`, [], server.port);
    const { sent, received } = await echo(client.port, 1_000_000);
    expect(received).toBe(sent);
  });

  it('is served again by our server when it is a kcptun client', async () => {
    const target = await echoServer();
    const server = await startCommand('server', '-l', '127.0.0.1:0', '-t', `127.0.0.1:${target.port}`, '--kcp');
    const first = await kcptunClient(server.port, []);
    await echo(first.port, 100_000);
    first.child.kill('SIGKILL');
    const second = await kcptunClient(server.port, []);
    const { sent, received } = await echo(second.port, 1_000_000);
    expect(received).toBe(sent);
    expect(server.messages.match(/session from/g)).toHaveLength(2);
    // The first one is noticed by its silence.
    await expect.poll(() => server.messages, { timeout: 60_000, interval: 1000 }).toMatch(/ended: .*nothing was heard/);
  });
});
