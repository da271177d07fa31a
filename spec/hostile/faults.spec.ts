import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { Duplex, PassThrough, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { concatMap, config, firstValueFrom, mergeMap, type Observable, Subject, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { handleStreams } from '../../lib/handleStreams.js';
import { connectAsync, duplexTransport } from '../../lib/node/index.js';
import { createSession, type Session } from '../../lib/session.js';
import { framesOf, linkedTransports } from '../../lib/testing/index.js';
import { bytes, textOf } from '../helpers/frames.js';
import { bytesInUse } from '../helpers/garbage.js';
import { listening } from '../helpers/listening.js';
import { observe } from '../helpers/observe.js';
import { scriptedPeer } from '../helpers/scriptedPeer.js';
import { isFullForm } from './form.js';
import { Victim } from './Victim.js';

const v2 = framesOf(2);
const quiet = { keepAliveDisabled: true } as const;
const unhandled = vi.fn();

beforeEach(() => {
  unhandled.mockClear();
  process.on('unhandledRejection', unhandled).on('uncaughtException', unhandled);
});
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled).off('uncaughtException', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

/** A transfer both ways that runs, and how everything in it ends. */
function busy(session: Session) {
  const stream = session.open();
  const notes = {
    reader: observe(stream),
    sender: observe(stream.send(endless())),
    stream: observe(stream.closed$),
    session: observe(session.closed$),
    streams: observe(session.streams$),
    stats: observe(session.stats$),
  };
  return {
    notes,
    async settled(code: string) {
      await expect.poll(() => notes.session.isComplete).toBe(true);
      expect(notes.session.values).toMatchObject([{ cause: { code } }]);
      expect(notes.reader.error).toMatchObject({ code });
      expect(notes.sender.error).toMatchObject({ code });
      expect(notes.stream).toMatchObject({ values: [{ cause: { code } }], isComplete: true });
      expect(notes.streams).toMatchObject({ isComplete: true, error: undefined });
      expect(notes.stats.isComplete).toBe(true);
      expect(session.streamCount).toBe(0);
      expect(session.stats.unsent).toBe(0);
    },
  };
}

async function* endless() {
  for (;;) {
    yield new Uint8Array(16_384);
    await sleep(1);
  }
}

describe('a session whose link fails settles everything with the cause', () => {
  it('when the process at the other end is killed', async () => {
    const victim = await Victim.start();
    onTestFinished(() => victim.stop());
    const session = await connectAsync({ host: '127.0.0.1', port: victim.port, ...quiet });
    const transfer = busy(session);
    await expect.poll(() => transfer.notes.reader.values.length).toBeGreaterThan(0);
    victim.stop();
    await transfer.settled('SMUX_ERR_LINK_LOST');
  });

  it('when the process of a client is killed, at the server', async () => {
    const { port, sessions, server } = await listening({});
    onTestFinished(() => server.unsubscribe());
    const program = fileURLToPath(new URL('client.mjs', import.meta.url));
    const child = fork(program, [String(port)]);
    onTestFinished(() => void child.kill('SIGKILL'));
    await expect.poll(() => sessions.length).toBe(1);
    const [session] = sessions as [Session];
    const accepted = observe(session.streams$);
    await expect.poll(() => accepted.values.length).toBe(1);
    const reader = observe(accepted.values[0] as NonNullable<(typeof accepted.values)[0]>);
    child.kill('SIGKILL');
    await expect.poll(() => reader.error).toMatchObject({ code: 'SMUX_ERR_LINK_LOST' });
    expect(await firstValueFrom(session.closed$)).toMatchObject({ cause: { code: 'SMUX_ERR_LINK_LOST' } });
    expect(session.streamCount).toBe(0);
  });

  it('when the connection is reset', async () => {
    const sockets: Socket[] = [];
    const port = await tcp((socket) => sockets.push(socket));
    const transfer = busy(await connectAsync({ host: '127.0.0.1', port, ...quiet }));
    await expect.poll(() => sockets.length).toBe(1);
    sockets[0]?.resetAndDestroy();
    await transfer.settled('SMUX_ERR_LINK_LOST');
  });

  it('when a proxy on the way falls silent', async () => {
    const victim = await Victim.start();
    onTestFinished(() => victim.stop());
    const proxied: Socket[] = [];
    const port = await tcp((near) => {
      const far = connectTcp({ port: victim.port, host: '127.0.0.1' });
      far.on('error', () => undefined);
      near.pipe(far).pipe(near);
      proxied.push(near, far);
      onTestFinished(() => void far.destroy());
    });
    const keepAlive = { keepAliveInterval: 100, keepAliveTimeout: 400 };
    const transfer = busy(await connectAsync({ host: '127.0.0.1', port, ...keepAlive }));
    await expect.poll(() => transfer.notes.reader.values.length).toBeGreaterThan(0);
    for (const socket of proxied) socket.unpipe().pause();
    await transfer.settled('SMUX_ERR_KEEPALIVE_TIMEOUT');
  });

  it('when somebody on the way tampers with its TLS', async () => {
    const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
    const tls = { cert: fixture('server.pem'), key: fixture('server-key.pem') };
    const echo = (sessions$: Observable<Session>) =>
      sessions$.pipe(mergeMap(({ streams$ }) => streams$.pipe(handleStreams((stream) => stream.send(stream)))));
    const { port: tlsPort, sessions, server } = await listening({ tls }, echo);
    onTestFinished(() => server.unsubscribe());
    let isTampering = false;
    const port = await tcp((near) => {
      const far = connectTcp({ port: tlsPort, host: '127.0.0.1' });
      far.on('error', () => undefined).pipe(near);
      near.on('data', (chunk) => {
        if (isTampering) chunk[chunk.length - 1] = ~(chunk[chunk.length - 1] ?? 0);
        far.write(chunk);
      });
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy()); // a reset has no end for `pipe` to pass on
      onTestFinished(() => void far.destroy());
    });
    const client = { host: 'localhost', ca: fixture('ca.pem') };
    const transfer = busy(await connectAsync({ host: '127.0.0.1', port, tls: client, ...quiet }));
    await expect.poll(() => transfer.notes.reader.values.length).toBeGreaterThan(0);
    isTampering = true;
    await transfer.settled('SMUX_ERR_LINK_LOST');
    const [accepted] = sessions as [Session];
    expect(await firstValueFrom(accepted.closed$)).toMatchObject({ cause: { code: 'SMUX_ERR_LINK_LOST' } });
  });

  it('when its transport throws in write', async () => {
    const [a, b] = linkedTransports();
    onTestFinished(() => b.destroy());
    a.write = () => {
      throw new Error('no such device');
    };
    await busy(createSession(a, { role: 'client', ...quiet })).settled('SMUX_ERR_LINK_LOST');
    expect(a.isDestroyed).toBe(true);
  });

  it('when its Duplex emits an error, and another one after it was closed', async () => {
    const duplex = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const transfer = busy(createSession(duplexTransport(duplex), { role: 'client', ...quiet }));
    duplex.destroy(new Error('cable'));
    await transfer.settled('SMUX_ERR_LINK_LOST');
    duplex.emit('error', new Error('too late'));
    for (const event of ['data', 'end', 'close', 'drain']) expect(duplex.listenerCount(event)).toBeLessThanOrEqual(1);
  });

  it('when its link reports an error after the session has been closed', async () => {
    const link = new PassThrough();
    const session = createSession(duplexTransport(link), { role: 'client', ...quiet });
    session.destroy();
    link.emit('error', new Error('too late'));
    expect(await firstValueFrom(session.closed$)).toEqual({});
  });

  it('whatever the clock says', async () => {
    vi.useFakeTimers();
    const peer = scriptedPeer({ role: 'server', version: 2, keepAliveInterval: 1000, keepAliveTimeout: 4000 });
    const accepted = observe(peer.session.streams$);
    await peer.receive(v2.syn(3));
    const reader = observe(accepted.values[0] as NonNullable<(typeof accepted.values)[0]>);
    for (const jump of [3_600_000, -7_200_000, 1e12, -1e12]) {
      vi.setSystemTime(Date.now() + jump);
      await peer.pass(900);
      await peer.receive(v2.psh(3, new Uint8Array(60_000)));
      expect(peer.session.isClosed).toBe(false);
    }
    expect(reader.values).toHaveLength(4);
    vi.setSystemTime(0);
    await peer.pass(5000);
    expect(reader.error).toMatchObject({ code: 'SMUX_ERR_KEEPALIVE_TIMEOUT' });
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe('a consumer that fails', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    config.onUnhandledError = null;
    vi.useRealTimers();
  });

  it('by throwing is reported once, and the session goes on', async () => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => void reported.push(error);
    const peer = scriptedPeer({ role: 'server', version: 2, ...quiet });
    const accepted = observe(peer.session.streams$);
    await peer.receive(v2.syn(3), v2.syn(5));
    const [failing, sound] = accepted.values as [(typeof accepted.values)[0], (typeof accepted.values)[0]];
    const cause = new Error('bug');
    failing?.subscribe(() => {
      throw cause;
    });
    const received = observe(sound as NonNullable<typeof sound>);
    await peer.receive(v2.psh(3, 'x'), v2.psh(5, 'fine'));
    expect(reported).toEqual([cause]);
    expect(textOf(received.values)).toBe('fine');
    expect(peer.session.isClosed).toBe(false);
    peer.session.destroy();
  });

  it('as a full disk does keeps its bytes back, and the session goes on', async () => {
    const peer = scriptedPeer({ role: 'server', version: 2, ...quiet });
    const accepted = observe(peer.session.streams$);
    await peer.receive(v2.syn(3), v2.syn(5));
    const [full, sound] = accepted.values;
    const disk = new Writable({ write: (_chunk, _encoding, done) => done(new Error('ENOSPC')) });
    disk.on('error', () => undefined);
    const failed$ = new Subject<Error>();
    disk.on('error', (error) => failed$.next(error));
    const saving = observe(
      full?.consume((chunk) => {
        disk.write(chunk);
        return failed$.pipe(concatMap((error) => throwError(() => error)));
      }) ?? throwError(() => new Error('no stream')),
    );
    const received = observe(sound as NonNullable<typeof sound>);
    await peer.receive(v2.psh(3, new Uint8Array(1000)), v2.psh(3, new Uint8Array(2000)), v2.psh(5, 'fine'));
    await peer.pass(10);
    expect(saving.error).toMatchObject({ message: 'ENOSPC' });
    expect(textOf(received.values)).toBe('fine');
    expect(full?.stats.unread).toBe(2000);
    full?.error(saving.error);
    expect(peer.session.stats.unread).toBe(0);
    expect(peer.session.isClosed).toBe(false);
    peer.session.destroy();
  });
});

describe('sessions that are opened and broken', () => {
  const count = isFullForm ? 100_000 : 2000;

  it(`leave nothing behind, ${count} of them`, { timeout: 170_000 }, async () => {
    const breakOne = async (at: number) => {
      const [a, b] = linkedTransports();
      const client = createSession(a, { role: 'client' });
      const server = createSession(b, { role: 'server' });
      const accepted = observe(server.streams$);
      const stream = client.open();
      const reader = observe(stream);
      stream.next(bytes('hello'));
      if (at % 10 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        expect(accepted.values).toHaveLength(1);
      }
      if (at % 3 === 0) a.break(new Error('cable'));
      else if (at % 3 === 1) client.destroy(new Error('enough'));
      else client.close();
      server.destroy();
      client.destroy();
      expect(reader.isComplete || reader.error !== undefined).toBe(true);
    };
    const measure = () => ({ heap: bytesInUse(), resources: process.getActiveResourcesInfo().length });
    for (let at = 0; at < 500; at++) await breakOne(at);
    await sleep(20);
    const before = measure();
    for (let at = 0; at < count; at++) await breakOne(at);
    await sleep(20);
    const after = measure();
    expect(after.heap - before.heap).toBeLessThan(2_000_000);
    expect(after.resources).toBeLessThanOrEqual(before.resources + 2);
    for (const event of ['exit', 'beforeExit', 'warning']) expect(process.listenerCount(event)).toBeLessThan(10);
  });
});

/** A server of bare sockets. */
async function tcp(serve: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    serve(socket);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}
