import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startCommand } from '../helpers/command.js';
import { echoServer, exchange } from './tcp.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const SERVER = ['--tls', '--cert', fixture('server.pem'), '--key-file', fixture('server-key.pem')];
const CLIENT = ['--tls', '--cert', fixture('client.pem'), '--key-file', fixture('client-key.pem')];
const CA = ['--ca', fixture('ca.pem')];

describe('TLS', () => {
  it.each(['127.0.0.1', 'localhost'])('forwards to %s, each side sure of the other', async (host) => {
    const target = await echoServer();
    const server = await startServer(target.port, ...SERVER, ...CA);
    const client = await startClient(`${host}:${server.port}`, ...CLIENT, ...CA);
    expect((await exchange(client.port, 'secret')).toString()).toBe('secret');
  });

  it('refuses a server that the authority has not signed, or signed for another name', async () => {
    const server = await startServer(1, ...SERVER);
    const strange = await startClient(server.address, '--tls', '--ca', fixture('other-ca.pem'));
    const usual = await startClient(server.address, '--tls');
    const misnamed = await startClient(`ip6-localhost.invalid:${server.port}`, '--tls', ...CA);
    await strange.said(/cannot connect to .*unable to verify|cannot connect to .*self.signed/);
    await usual.said(/cannot connect to .*unable to verify|cannot connect to .*self.signed/);
    await misnamed.said(/cannot connect to /);
    for (const client of [strange, usual, misnamed]) expect(client.messages).not.toContain('session with');
  });

  it('refuses a client without a certificate, and dials slower and slower', async () => {
    const server = await startServer(1, ...SERVER, ...CA);
    const client = await startClient(server.address, '--tls', ...CA);
    await server.said(/a connection failed: .*certificate/);
    await client.said(/session: the link .*; again in 250 ms/);
    await client.said(/session: the link .*; again in 500 ms/);
    expect(server.messages).not.toContain('session from');
  });

  it('speaks to nobody who does not speak TLS', async () => {
    const server = await startServer(1, ...SERVER);
    const client = await startClient(server.address);
    const socket = exchange(client.port, 'hello');
    await server.said(/a connection failed: /);
    await socket.catch(() => undefined);
    expect(server.messages).not.toContain('session from');
  });
});

const startServer = (targetPort: number, ...flags: readonly string[]) =>
  startCommand('server', '-l', '127.0.0.1:0', '-t', `127.0.0.1:${targetPort}`, ...flags);

const startClient = (remote: string, ...flags: readonly string[]) =>
  startCommand('client', '-l', '127.0.0.1:0', '-r', remote, ...flags);
