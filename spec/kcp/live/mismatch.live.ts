import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectKcp, connectKcpAsync } from '../../../lib/kcp/index.js';
import { tcpConnect } from '../../cli/tcp.js';
import { startCommand } from '../../helpers/command.js';
import { hasKcptun, kcptunClient, kcptunServer } from './peers.js';

const KEY = "it's a secrect";
const QUICK = { keepAliveInterval: 300, keepAliveTimeout: 1200, connectTimeout: 1500, host: '127.0.0.1' };

describe.skipIf(!hasKcptun)('a kcptun server that is set up in another way', () => {
  it.each([
    ['key', { key: 'another' }],
    ['crypt', { key: KEY, crypt: 'sm4' }],
  ] as const)('%s: the dial fails, and says what may be wrong', async (_, options) => {
    const { port } = await kcptunServer('127.0.0.1:1', []);
    await expect(connectKcpAsync({ ...QUICK, ...options, port })).rejects.toMatchObject({
      code: 'SMUX_ERR_CONNECT_TIMEOUT',
      message: expect.stringContaining('key or crypt differ'),
    });
  });

  it.each([
    ['compression', { compression: false, version: 1 }],
    ['smux version', { compression: true, version: 2 }],
  ] as const)('%s: the session ends, and says what may be wrong', async (_, options) => {
    const { port } = await kcptunServer('127.0.0.1:1', []);
    const ended = new Promise((resolve) => {
      const subscription = connectKcp({ ...QUICK, ...options, key: KEY, port }).subscribe({
        next: (session) => session.open().next(new Uint8Array(10)),
        error: resolve,
      });
      onTestFinished(() => subscription.unsubscribe());
    });
    expect(await ended).toMatchObject({
      code: 'SMUX_ERR_KEEPALIVE_TIMEOUT',
      message: expect.stringContaining('compression and smux version must be the same'),
    });
  });
});

describe.skipIf(!hasKcptun)('a kcptun client that is set up in another way', () => {
  it.each([
    ['key', ['--key', 'x'], [], /not sealed with our key: key and crypt must be the same/],
    ['crypt', ['--crypt', 'salsa20'], [], /not sealed with our key: key and crypt must be the same/],
    ['compression, which we have', ['--nocomp'], [], /ended: the peer does not compress: /],
    ['compression, which we have not', [], ['--nocomp'], /ended: the peer compresses: /],
    ['smux version', ['--smuxver', '2'], ['--smuxver', '1'], /ended: expected version 1, got 2/],
  ])('%s: our server says so at once', async (_, peerFlags, ownFlags, message) => {
    const server = await startCommand('server', '-l', '127.0.0.1:0', '-t', '127.0.0.1:1', '--kcp', ...ownFlags);
    const client = await kcptunClient(server.port, peerFlags);
    const socket = await tcpConnect(client.port);
    socket.write('anything');
    await server.said(message);
  });
});

describe.skipIf(!hasKcptun)('nobody', () => {
  it('answers: the dial fails at once where the system says so', async () => {
    const dialled = firstValueFrom(connectKcp({ ...QUICK, key: KEY, port: 9 }));
    await expect(dialled).rejects.toMatchObject({
      code: 'SMUX_ERR_CONNECT',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
