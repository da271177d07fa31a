import { readFileSync } from 'node:fs';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { psh, syn } from '../../lib/testing/index.js';
import { encodeFrames } from '../../lib/wire/encodeFrames.js';
import { startCommand } from '../helpers/command.js';
import { echoServer, exchange, tcpServer } from './tcp.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const SERVER = ['--tls', '--cert', fixture('server.pem'), '--key-file', fixture('server-key.pem')];
const CLIENT = ['--tls', '--cert', fixture('client.pem'), '--key-file', fixture('client-key.pem')];
const CA = ['--ca', fixture('ca.pem')];

describe('the command', () => {
  it.each([
    ['without a certificate', 'ca.pem', {}],
    [
      'whose certificate another authority has signed',
      'other-ca.pem',
      { cert: readFileSync(fixture('client.pem')), key: readFileSync(fixture('client-key.pem')) },
    ],
  ])('takes no frame of a client %s, and reaches for no target', async (_, ca, identity) => {
    let reached = 0;
    const target = await tcpServer(() => void reached++);
    const server = await startServer(target.port, ...SERVER, '--ca', fixture(ca));
    const socket = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ...identity });
    onTestFinished(() => void socket.destroy());
    // Right behind its last handshake message: in TLS 1.3 the client has finished before the server has looked at it.
    socket.once('secureConnect', () => socket.write(Buffer.concat(encodeFrames([syn(3), psh(3, 'let me in')]))));
    const closed = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
    await Promise.all([closed, server.said(/a connection failed: /)]);
    expect(reached).toBe(0);
    expect(server.messages).not.toContain('session from');
  });

  it('connects streams to the target that its operator named, whatever their bytes ask for', async () => {
    const reached: string[] = [];
    const secret = await tcpServer((socket) => {
      reached.push('secret');
      socket.end('secret');
    });
    const target = await echoServer();
    const server = await startServer(target.port);
    const client = await startClient(server.address);
    for (const plea of [
      `CONNECT 127.0.0.1:${secret.port} HTTP/1.1\r\n\r\n`,
      Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, secret.port >> 8, secret.port & 255]),
      `PROXY TCP4 127.0.0.1 127.0.0.1 1 ${secret.port}\r\n`,
    ]) {
      expect(await exchange(client.port, plea)).toEqual(Buffer.from(plea));
    }
    expect(reached).toEqual([]);
  });

  it('shows no secret: neither in messages nor in the process list', async () => {
    const target = await echoServer();
    const server = await startServer(target.port, ...SERVER, ...CA);
    const client = await startClient(`127.0.0.1:${server.port}`, ...CLIENT, ...CA);
    expect((await exchange(client.port, 'classified')).toString()).toBe('classified');
    for (const { messages, commandLine } of [server, client]) {
      const shown = messages + commandLine;
      expect(shown).toContain('-key.pem'); // the name of the file, which is no secret
      expect(shown).not.toContain('classified');
      for (const key of ['server-key.pem', 'client-key.pem']) {
        for (const line of readFileSync(fixture(key), 'utf8')
          .split('\n')
          .filter((text) => text.length > 20)) {
          expect(shown).not.toContain(line);
        }
      }
    }
  });
});

const startServer = (targetPort: number, ...flags: readonly string[]) =>
  startCommand('server', '-l', '127.0.0.1:0', '-t', `127.0.0.1:${targetPort}`, ...flags);

const startClient = (remote: string, ...flags: readonly string[]) =>
  startCommand('client', '-l', '127.0.0.1:0', '-r', remote, ...flags);
