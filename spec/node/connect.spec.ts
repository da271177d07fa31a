import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, lastValueFrom, map, mergeMap, retry, take, timer } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { handleStreams } from '../../lib/handleStreams.js';
import { createSession, type Session } from '../../lib/index.js';
import { connect, connectAsync, listen, socketTransport } from '../../lib/node/index.js';
import { ask } from '../helpers/ask.js';
import { expectManyEchoes } from '../helpers/expectManyEchoes.js';
import { listening } from '../helpers/listening.js';
import { observe } from '../helpers/observe.js';

const echo = mergeMap((session: Session) => session.streams$.pipe(handleStreams((stream) => stream.send(stream))));
const host = '127.0.0.1';
const undo: (() => void)[] = [];
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);

beforeAll(() => void process.on('unhandledRejection', note).on('uncaughtException', note));
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});
afterAll(() => {
  process.off('unhandledRejection', note).off('uncaughtException', note);
  expect(unhandled).toEqual([]);
});

const echoServer = async (options = {}) => {
  const started = await listening(options, (sessions$) => sessions$.pipe(echo));
  undo.push(() => {
    started.server.unsubscribe();
    for (const session of started.sessions) session.destroy();
  });
  return started;
};
const dialled = async (options: Parameters<typeof connectAsync>[0]) => {
  const session = await connectAsync(options);
  undo.push(() => session.destroy());
  return session;
};

describe('connect', () => {
  it('emits a session, completes when it is closed in order', async () => {
    const { port } = await echoServer();
    const connecting = connect({ host, port }).pipe(
      mergeMap(async (session) => {
        const answer = await ask(session, 'hello');
        session.close();
        return answer;
      }),
    );
    expect(await lastValueFrom(connecting)).toBe('hello');
  });

  it('moves many streams through one connection, whole and in order', async () => {
    const { port, sessions } = await echoServer();
    const session = await dialled({ host, port });
    await expectManyEchoes(session);
    expect(sessions).toHaveLength(1);
    await expect.poll(() => [session.streamCount, sessions[0]?.streamCount]).toEqual([0, 0]);
  });

  it('dials once a subscription, and destroys its session when it is unsubscribed', async () => {
    const { port, sessions } = await echoServer();
    const cold = connect({ host, port });
    const [first, second] = [observe(cold), observe(cold)];
    await expect.poll(() => [first.values.length, second.values.length, sessions.length]).toEqual([1, 1, 2]);
    first.subscription.unsubscribe();
    expect(first.values[0]?.isClosed).toBe(true);
    expect(second.values[0]?.isClosed).toBe(false);
    second.subscription.unsubscribe();
    await expect.poll(() => sessions.every(({ isClosed }) => isClosed)).toBe(true);
  });

  it('errors when the link is lost, so that retry dials again', async () => {
    const { port, sessions } = await echoServer();
    const delays: number[] = [];
    const delay = (_: unknown, count: number) => {
      delays.push(count);
      return timer(10);
    };
    const connecting = observe(connect({ host, port }).pipe(retry({ delay, resetOnSuccess: true })));
    undo.push(() => connecting.subscription.unsubscribe());
    for (let round = 1; round <= 3; round++) {
      await expect.poll(() => sessions.length).toBe(round);
      await expect.poll(() => connecting.values.length).toBe(round);
      expect(await ask(connecting.values.at(-1) as Session, `round ${round}`)).toBe(`round ${round}`);
      connecting.values.at(-1)?.open();
      await expect.poll(() => sessions.at(-1)?.streamCount).toBe(1);
      sessions.at(-1)?.destroy();
    }
    await expect.poll(() => connecting.values.length).toBe(4);
    expect(delays).toEqual([1, 1, 1]);
  });

  it('errors when nobody listens', async () => {
    const { port, server } = await listening({});
    server.unsubscribe();
    await expect(lastValueFrom(connect({ host, port }))).rejects.toMatchObject({
      name: 'SessionError',
      code: 'SMUX_ERR_CONNECT',
      message: expect.stringContaining(`127.0.0.1:${port}`),
      cause: { code: 'ECONNREFUSED' },
    });
    await expect(connectAsync({ host, port })).rejects.toMatchObject({ code: 'SMUX_ERR_CONNECT' });
  });

  it('gives up after connectTimeout, and by a signal', async () => {
    const silent = createServer((socket) => void undo.push(() => socket.destroy()));
    silent.listen(0, host);
    undo.push(() => silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const options = { host, port, tls: true }; // the handshake is never answered
    await expect(connectAsync({ ...options, connectTimeout: 50 })).rejects.toMatchObject({
      code: 'SMUX_ERR_CONNECT_TIMEOUT',
    });
    const controller = new AbortController();
    const dialling = connectAsync({ ...options, signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    await expect(dialling).rejects.toThrow('changed my mind');
    await expect(connectAsync({ ...options, signal: controller.signal })).rejects.toThrow('changed my mind');
  });

  it.each([
    [{ port: 1, maxFrameSize: 0 }, 'maxFrameSize'],
    [{}, 'port'],
    [{ port: 99_999 }, 'ort'],
    [{ port: 1, version: 3 as never }, 'version'],
  ])('reports the bad option in %o at once, or as an error', async (options, field) => {
    await expect((async () => connectAsync(options))()).rejects.toThrow(field);
  });
});

describe('listen', () => {
  it('errors when it cannot bind', async () => {
    const { port } = await echoServer();
    expect(await lastValueFrom(listen({ host, port })).catch((error) => error)).toMatchObject({ code: 'EADDRINUSE' });
  });

  it('stops listening when it is unsubscribed, and live sessions go on', async () => {
    const { port, sessions, server } = await listening({}, (sessions$) => sessions$);
    const session = await dialled({ host, port });
    await expect.poll(() => sessions.length).toBe(1);
    sessions[0]?.streams$.pipe(handleStreams((stream) => stream.send(stream))).subscribe();
    server.unsubscribe();
    expect(await ask(session, 'still here')).toBe('still here');
    await expect(connectAsync({ host, port })).rejects.toMatchObject({ code: 'SMUX_ERR_CONNECT' });
    sessions[0]?.destroy();
  });

  it('closes the sessions too where it is told to', async () => {
    const { port, server } = await listening({ closeSessions: true });
    const session = await dialled({ host, port });
    await new Promise((resolve) => setTimeout(resolve, 50));
    server.unsubscribe();
    expect(await firstValueFrom(session.closed$)).toEqual({});
  });

  it('tells where it listens, and when it does no more', async () => {
    const addresses: unknown[] = [];
    const ended = new Promise<void>((complete) => {
      const listeningObserver = {
        next: (address: unknown) => {
          addresses.push(address);
          server.unsubscribe();
        },
        complete,
      };
      const server = listen({ host, port: 0, listeningObserver }).subscribe();
    });
    await ended;
    expect(addresses).toEqual([{ address: host, port: expect.any(Number) }]);
  });

  it('serves on while clients reset their connections and handlers throw', async () => {
    const failures: unknown[] = [];
    const handler = handleStreams(
      (stream) => {
        if (stream.id === 5) throw new Error('thrown');
        return stream.send(stream);
      },
      { onError: (error) => failures.push(error) },
    );
    const { port, sessions } = await listening({}, (sessions$) =>
      sessions$.pipe(mergeMap((session) => session.streams$.pipe(handler))),
    );
    for (let round = 0; round < 20; round++) {
      const socket = connectTcp({ host, port });
      await once(socket, 'connect');
      const session = createSession(socketTransport(socket), { role: 'client' });
      const streams = [session.open(), session.open(), session.open()] as const;
      for (const stream of streams) stream.next(new Uint8Array(100_000));
      await firstValueFrom(streams[2]);
      // A reset, not an end: the server sees ECONNRESET or EPIPE in the middle of its writes.
      socket.resetAndDestroy();
      expect(await firstValueFrom(session.closed$)).toMatchObject({ cause: { code: 'SMUX_ERR_LINK_LOST' } });
    }
    await expect.poll(() => sessions.filter(({ isClosed }) => !isClosed).length).toBe(0);
    const last = await dialled({ host, port });
    expect(await ask(last, 'alive')).toBe('alive');
    expect(failures.filter((error) => (error as Error).message === 'thrown')).toHaveLength(20);
  });
});

describe('a Unix socket', () => {
  it('carries a session', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rx-smux-'));
    undo.push(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'link.sock');
    const addresses: unknown[] = [];
    const server = listen({ path, listeningObserver: { next: (address) => void addresses.push(address) } })
      .pipe(echo)
      .subscribe();
    undo.push(() => server.unsubscribe());
    await expect.poll(() => addresses).toEqual([{ address: path }]);
    const session = await dialled({ path });
    expect(await ask(session, 'local')).toBe('local');
    session.close();
    expect(await firstValueFrom(session.closed$)).toEqual({});
  });
});

describe('TLS', () => {
  const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
  const serverTls = { cert: pem('server'), key: pem('server-key') };

  it('carries a session to a server whose certificate is trusted, and shows it', async () => {
    const { port } = await echoServer({ tls: serverTls });
    const session = await dialled({ host, port, tls: { ca: pem('ca') } });
    expect(await ask(session, 'secret')).toBe('secret');
    expect(session.transport.info).toMatchObject({
      remotePort: port,
      peerCertificate: { subjectaltname: expect.stringContaining('localhost') },
    });
  });

  it('is refused where the certificate is not trusted, by default too', async () => {
    const errors: Error[] = [];
    const { port, sessions } = await echoServer({
      tls: serverTls,
      onConnectionError: (error: Error) => errors.push(error),
    });
    await expect(connectAsync({ host, port, tls: true })).rejects.toMatchObject({ code: 'SMUX_ERR_CONNECT' });
    await expect(connectAsync({ host, port, tls: { ca: pem('other-ca') } })).rejects.toMatchObject({
      code: 'SMUX_ERR_CONNECT',
    });
    expect(sessions.every(({ streamCount }) => streamCount === 0)).toBe(true);
  });

  it('asks clients for certificates where it is told to', async () => {
    const tls = { ...serverTls, ca: pem('ca'), requestCert: true };
    const { port, sessions } = await echoServer({ tls });
    const session = await dialled({ host, port, tls: { ca: pem('ca'), cert: pem('client'), key: pem('client-key') } });
    expect(await ask(session, 'we know each other')).toBe('we know each other');
    expect(sessions[0]?.transport.info.peerCertificate).toHaveProperty('subject');
    const stranger = connect({ host, port, tls: { ca: pem('ca') } }).pipe(map((anonymous) => anonymous.open()));
    await expect(lastValueFrom(stranger)).rejects.toMatchObject({
      code: expect.stringMatching(/SMUX_ERR_(LINK_LOST|CONNECT)/),
    });
    expect(
      await firstValueFrom(
        connect({ host, port, tls: { ca: pem('ca'), cert: pem('client'), key: pem('client-key') } }).pipe(take(1)),
      ),
    ).toBeDefined();
  });
});
