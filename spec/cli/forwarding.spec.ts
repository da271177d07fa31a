import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RunningCommand, startCommand } from '../helpers/command.js';
import { RandomBytes, randomChunks, sha256 } from '../helpers/random.js';
import { echoServer, exchange, outcome, readAll, tcpConnect, tcpServer } from './tcp.js';

describe('forwarding', () => {
  it.each([
    ['version 2', []],
    ['version 1', ['--smuxver', '1']],
    ['three sessions', ['--conn', '3']],
    ['small buffers', ['--smuxbuf', '65536', '--streambuf', '4096', '--keepalive', '1']],
  ])('carries 50 connections at once, both ways, without a byte lost: %s', async (_, flags) => {
    const target = await echoServer();
    const { client, server } = await chain(target.port, flags);
    const sizes = Array.from({ length: 50 }, (__, at) => (at < 40 ? at * 997 : at * 20_000));
    const [hashes, expected] = await Promise.all([
      Promise.all(sizes.map(async (size, at) => sha256([await exchange(client.port, random(size, at))]))),
      sizes.map((size, at) => sha256([random(size, at)])),
    ]);
    expect(hashes).toStrictEqual(expected);
    expect(server.messages.match(/session from/g)).toHaveLength(flags.includes('3') ? 3 : 1);
    await expect.poll(() => server.messages.match(/stream \d+ of \S+ ended, /g)).toHaveLength(50);
  });

  it('gives the whole answer to a client that has ended its side first', async () => {
    const answer = random(3_000_000, 7);
    const target = await tcpServer(async (socket) => {
      const question = await readAll(socket);
      if (question.toString() === 'all, please') socket.end(answer);
    });
    const { client } = await chain(target.port);
    expect(sha256([await exchange(client.port, 'all, please')])).toBe(sha256([answer]));
  });

  it('takes the rest from a client whose target has ended its side first', async () => {
    let received: Promise<Buffer> | undefined;
    const target = await tcpServer((socket) => {
      socket.end('that is all I have to say');
      received = readAll(socket);
    });
    const { client } = await chain(target.port);
    const socket = await tcpConnect(client.port);
    expect((await readAll(socket)).toString()).toBe('that is all I have to say');
    const rest = random(3_000_000, 8);
    socket.end(rest);
    await expect.poll(() => received).toBeDefined();
    expect(sha256([(await received) as Buffer])).toBe(sha256([rest]));
  });

  it('forwards from and to Unix sockets, and the other way into TCP', async () => {
    const target = await echoServer();
    const folder = mkdtempSync(join(tmpdir(), 'rx-smux-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'link.sock');
    const server = await startCommand('server', '-l', path, '-t', `127.0.0.1:${target.port}`);
    const client = await startCommand('client', '-l', '[::1]:0', '-r', path);
    expect(server.address).toBe(path);
    expect(client.address).toMatch(/^\[::1\]:\d+$/);
    const outer = await startCommand('client', '-l', '127.0.0.1:0', '-r', path);
    expect((await exchange(outer.port, 'hello')).toString()).toBe('hello');
  });

  it('closes only the stream whose target refuses', async () => {
    const target = await echoServer();
    const { client, server } = await chain(target.port);
    const living = await tcpConnect(client.port);
    living.write('one');
    expect((await once(living)).toString()).toBe('one');
    target.close();
    // The living connection goes down with its target, a new one is refused; the session stays.
    expect(await outcome(living)).toMatch(/end|ECONNRESET/);
    expect(await outcome(await tcpConnect(client.port))).toBe('ECONNRESET');
    await server.said(/cannot connect: .*ECONNREFUSED/);
    await echoServer(target.port);
    expect((await exchange(client.port, 'two')).toString()).toBe('two');
    expect(server.messages.match(/session from/g)).toHaveLength(1);
  });

  it('survives clients that reset their connection in the middle of a transfer', async () => {
    const target = await tcpServer((socket) => {
      socket.pipe(socket, { end: false });
      socket.write(random(2_000_000, 1));
    });
    const { client, server } = await chain(target.port);
    const sockets = await Promise.all(Array.from({ length: 20 }, () => tcpConnect(client.port)));
    for (const socket of sockets) {
      socket.write(random(200_000, 2));
      await once(socket);
      socket.resetAndDestroy();
    }
    // That each stream is over at the target too shows in the messages.
    await expect.poll(() => server.messages.match(/stream \d+ of \S+(: | ended)/g)?.length).toBe(20);
    expect(await echo(client)).toBe('still here');
    expect(client.messages).not.toMatch(/Error|at .*\.js/);
  });

  it('leaves nothing behind when a client resets its connection while its bytes wait for credit', async () => {
    const target = await tcpServer((socket) => {
      socket.pause();
      setTimeout(() => socket.pipe(socket), 500);
    });
    const { client, server } = await chain(target.port);
    const socket = await tcpConnect(client.port);
    socket.write(random(16_000_000, 1));
    await server.said(/opened/);
    await sleep(200); // until every buffer on the way is full
    socket.resetAndDestroy();
    await server.said(/stream \d+ of \S+: /);
    server.kill('SIGTERM');
    await server.said(/SIGTERM: no new connections, 0 streams may finish/);
  });

  it('resets the connection whose target breaks off, instead of passing half an answer off as a whole one', async () => {
    const target = await tcpServer((socket) => {
      socket.write('half an ans', () => setTimeout(() => socket.resetAndDestroy(), 50));
    });
    const { client } = await chain(target.port);
    expect(await outcome(await tcpConnect(client.port))).toBe('ECONNRESET');
  });

  it('dials again when the session is lost; connections made meanwhile wait for it', async () => {
    const target = await echoServer();
    const { client, server } = await chain(target.port);
    const cutOff = await tcpConnect(client.port);
    cutOff.write('x');
    await once(cutOff);
    server.kill('SIGKILL');
    expect(await outcome(cutOff)).toBe('ECONNRESET');
    await client.said(/session: the link .*; again in 250 ms/);
    const early = exchange(client.port, 'early');
    await client.said(/again in 500 ms/);
    await startCommand('server', '-l', server.address, '-t', `127.0.0.1:${target.port}`);
    expect((await early).toString()).toBe('early');
    expect((await exchange(client.port, 'late')).toString()).toBe('late');
  });

  it('lets the transfers that run finish on SIGTERM to either side, and accepts nothing new', async () => {
    const size = 24_000_000;
    const target = await tcpServer((socket) => {
      socket.once('data', async () => {
        for (const chunk of randomChunks(size, 5)) {
          if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
        }
        socket.end();
      });
    });
    for (const side of ['server', 'client'] as const) {
      const processes = await chain(target.port);
      const socket = await tcpConnect(processes.client.port);
      socket.write('go');
      await once(socket, false);
      processes[side].kill('SIGTERM');
      await processes[side].said(/SIGTERM: no new connections, 1 streams may finish/);
      await sleep(200); // the reader is slow to begin with
      if (side === 'client') await expect(tcpConnect(processes.client.port)).rejects.toThrow('ECONNREFUSED');
      else expect(await tcpConnect(processes.client.port).then(outcome, codeOf)).toBe('ECONNRESET');
      const all = await readAll(socket);
      socket.end();
      expect(sha256([all])).toBe(sha256(randomChunks(size, 5)));
      expect(await processes[side].exited).toStrictEqual({ code: 0, signal: null });
    }
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('exits at once on a second %s', async (signal, code) => {
    const target = await echoServer();
    const { client } = await chain(target.port);
    const socket = await tcpConnect(client.port);
    socket.write('x');
    await once(socket);
    client.kill(signal);
    await client.said(/may finish/);
    client.kill(signal);
    expect(await client.exited).toStrictEqual({ code, signal: null });
  });
});

/** A client, a server and one session between them. */
async function chain(targetPort: number, flags: readonly string[] = []) {
  const onServer = flags.filter((flag, at) => flag !== '--conn' && flags[at - 1] !== '--conn');
  const server = await startCommand('server', '-l', '127.0.0.1:0', '-t', `127.0.0.1:${targetPort}`, ...onServer);
  const client = await startCommand('client', '-l', '127.0.0.1:0', '-r', server.address, ...flags);
  return { server, client };
}

const random = (size: number, seed: number) => new RandomBytes(seed + 1).take(size);

const codeOf = ({ code }: NodeJS.ErrnoException) => code;

const echo = async (client: RunningCommand) => {
  const socket = await tcpConnect(client.port);
  await once(socket); // what the target says first
  socket.destroy();
  return 'still here';
};

/** The next chunk; the socket is paused behind it. */
function once(socket: Awaited<ReturnType<typeof tcpConnect>>, take = true): Promise<Buffer> {
  return new Promise((resolve) => {
    socket.once('readable', () =>
      resolve(take ? ((socket.read() as Buffer | null) ?? Buffer.alloc(0)) : Buffer.alloc(0)),
    );
  });
}
