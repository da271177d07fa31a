import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import {
  firstValueFrom,
  lastValueFrom,
  mergeMap,
  NEVER,
  type Observable,
  of,
  retry,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { handleStreams, type Session } from '../../lib/index.js';
import { type ListenWebSocketOptions, listenWebSocket } from '../../lib/node/index.js';
import { connectWebSocket, connectWebSocketAsync, type WebSocketConfig } from '../../lib/web/index.js';
import { ask } from '../helpers/ask.js';
import { expectManyEchoes } from '../helpers/expectManyEchoes.js';
import { bytes, textOf } from '../helpers/frames.js';
import { observe } from '../helpers/observe.js';
import { randomChunks } from '../helpers/random.js';

const host = '127.0.0.1';
const undo: (() => unknown)[] = [];
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));

beforeAll(() => void process.on('unhandledRejection', note).on('uncaughtException', note));
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(() => {
  process.off('unhandledRejection', note).off('uncaughtException', note);
  expect(unhandled).toEqual([]);
});

const echo = mergeMap((session: Session) => session.streams$.pipe(handleStreams((stream) => stream.send(stream))));
/** A server, by default one that echoes on a free port. */
const serving = async (
  options: Partial<ListenWebSocketOptions> = {},
  serve: (sessions$: Observable<Session>) => Observable<unknown> = echo,
) => {
  const sessions: Session[] = [];
  const errors: Error[] = [];
  let stop = () => {};
  const port = await new Promise<number>((resolve, reject) => {
    const sessions$ = listenWebSocket({
      ...(options.server ? {} : { host, port: 0 }),
      listeningObserver: { next: (address) => setImmediate(() => resolve(address.port ?? 0)) },
      onConnectionError: (error) => errors.push(error),
      ...options,
    });
    const server = serve(sessions$.pipe(tap((session) => sessions.push(session)))).subscribe({ error: reject });
    stop = () => {
      server.unsubscribe();
      for (const session of sessions) session.destroy();
    };
    undo.push(stop);
  });
  return { port, sessions, errors, url: `ws://${host}:${port}`, stop: () => stop() };
};
const config = (url: string, options: Partial<WebSocketConfig> = {}) => ({ url, WebSocketCtor: WebSocket, ...options });
const dialled = async (url: string, options: Partial<WebSocketConfig> = {}) => {
  const session = await connectWebSocketAsync(config(url, options));
  undo.push(() => session.destroy());
  return session;
};
/** A WebSocket without a session. */
const raw = async (url: string, headers: Record<string, string> = {}) => {
  const socket = new WebSocket(url, { headers });
  socket.on('error', () => undefined);
  undo.push(() => socket.terminate());
  await once(socket, 'open');
  return socket;
};
/** The HTTP status with which a server refuses a WebSocket. */
const refusal = async (url: string, headers: Record<string, string> = {}) => {
  const socket = new WebSocket(url, { headers });
  const [error] = (await once(socket, 'error')) as [Error];
  return Number(/\d+$/.exec(error.message)?.[0]);
};
const httpServer = async (answer = 'a page') => {
  const server = createServer((_, response) => void response.end(answer)).listen(0, host);
  await once(server, 'listening');
  undo.push(() => server.close());
  return server;
};
const urlOf = (server: Server, protocol = 'ws') => `${protocol}://${host}:${(server.address() as AddressInfo).port}`;

describe('listenWebSocket', () => {
  it.each([1, 2] as const)('moves many streams both ways, whole and in order, version %i', async (version) => {
    const { url, sessions } = await serving();
    const session = await dialled(url, { version });
    await expectManyEchoes(session);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.version).toBe(version);
    await expect.poll(() => [session.streamCount, sessions[0]?.streamCount]).toEqual([0, 0]);
  });

  it('stops a writer whose bytes nobody reads, in version 1 too', async () => {
    const { url, sessions } = await serving(
      { maxReceiveBuffer: 100_000 },
      mergeMap(() => NEVER),
    );
    const session = await dialled(url, { version: 1, maxBufferedAmount: 100_000 });
    const sending = observe(session.open().send(randomChunks(50_000_000, 1)));
    await expect.poll(() => sessions[0]?.stats.unread).toBeGreaterThan(100_000);
    await new Promise((resolve) => setTimeout(resolve, 300)); // the kernel's buffers are what remains to be filled
    expect(sending.values.at(-1)).toBeLessThan(20_000_000);
    expect(sessions[0]?.stats.unread).toBeLessThan(5_000_000);
    expect(sessions[0]?.isClosed).toBe(false);
  });

  it('knows where a session comes from', async () => {
    const { url, port, sessions } = await serving();
    await dialled(`${url}/chat?room=7`);
    await expect.poll(() => sessions).toHaveLength(1);
    expect(sessions[0]?.transport.info).toMatchObject({
      localPort: port,
      remoteAddress: host,
      remotePort: expect.any(Number),
      request: { url: '/chat?room=7', headers: { host: `${host}:${port}` } },
    });
  });

  it('ends in order on both sides when one closes its session', async () => {
    const { url, sessions } = await serving();
    const closings: number[] = [];
    const connecting = observe(
      connectWebSocket(config(url, { closeObserver: { next: ({ code }) => closings.push(code) } })),
    );
    await expect.poll(() => connecting.values).toHaveLength(1);
    const [session] = connecting.values as [Session];
    expect(await ask(session, 'hello')).toBe('hello');
    session.close();
    await expect.poll(() => connecting.isComplete).toBe(true);
    expect(await firstValueFrom((sessions[0] as Session).closed$)).toEqual({});
    expect(closings).toEqual([1000]);

    const other = await dialled(url);
    expect(await ask(other, 'again')).toBe('again');
    sessions[1]?.close();
    expect(await firstValueFrom(other.closed$)).toEqual({});
  });

  it('reconnects, with retry, to a server that was restarted', async () => {
    const first = await serving();
    const connecting = observe(connectWebSocket(config(first.url)).pipe(retry({ delay: () => timer(20) })));
    undo.push(() => connecting.subscription.unsubscribe());
    await expect.poll(() => connecting.values).toHaveLength(1);
    connecting.values[0]?.open().next(bytes('unfinished'));
    await expect.poll(() => first.sessions[0]?.streamCount).toBe(1);
    first.stop();
    const second = await serving({ port: first.port });
    await expect.poll(() => connecting.values).toHaveLength(2);
    expect(await ask(connecting.values[1] as Session, 'here again')).toBe('here again');
    expect(second.sessions).toHaveLength(1);
  });

  it('serves TLS', async () => {
    const tls = { key: fixture('server-key.pem'), cert: fixture('server.pem') };
    const { port, errors } = await serving({ tls });
    const TlsWebSocket = class extends WebSocket {
      constructor(url: string | URL) {
        super(url, { ca: fixture('ca.pem') });
      }
    };
    const session = await dialled(`wss://localhost:${port}`.replace('localhost', host), {
      WebSocketCtor: TlsWebSocket,
    });
    expect(await ask(session, 'a secret')).toBe('a secret');
    const plain = connectTcp(port, host).on('error', () => undefined);
    plain.end('GET / HTTP/1.1\r\n\r\n');
    await expect.poll(() => errors).toHaveLength(1);
  });

  it.each([
    [{}, 'port'],
    [{ port: 0, server: createServer() }, 'port'],
    [{ port: 0, maxMessageSize: 0 }, 'maxMessageSize'],
    [{ port: 0, maxFrameSize: 0 }, 'maxFrameSize'],
  ])('reports bad options at once: %#', (options, field) => {
    expect(() => listenWebSocket(options)).toThrow(RangeError);
    expect(() => listenWebSocket(options)).toThrow(field);
  });

  it('errors when it cannot bind', async () => {
    const { port } = await serving();
    await expect(lastValueFrom(listenWebSocket({ host, port }))).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(lastValueFrom(listenWebSocket({ port: 99_999 }))).rejects.toMatchObject({
      code: 'ERR_SOCKET_BAD_PORT',
    });
  });

  it('stops listening when it is unsubscribed; sessions go on, or are closed too', async () => {
    for (const closeSessions of [false, true]) {
      const completed = vi.fn();
      const bound: number[] = [];
      const next = ({ port = 0 }) => void bound.push(port);
      const { values, subscription } = observe(
        listenWebSocket({ host, port: 0, closeSessions, listeningObserver: { next, complete: completed } }).pipe(
          tap((session) => session.streams$.pipe(handleStreams((stream) => stream.send(stream))).subscribe()),
        ),
      );
      undo.push(() => values.map((session) => session.destroy()));
      await expect.poll(() => bound).toHaveLength(1);
      const url = `ws://${host}:${bound[0]}`;
      const session = await dialled(url);
      subscription.unsubscribe();
      await expect(connectWebSocketAsync(config(url))).rejects.toMatchObject({ code: 'SMUX_ERR_CONNECT' });
      if (closeSessions) expect(await firstValueFrom(session.closed$)).toEqual({});
      else expect(await ask(session, 'still here')).toBe('still here');
      session.close();
      await expect.poll(() => completed.mock.calls).toHaveLength(1);
    }
  });

  it('errors without the package ws', async () => {
    vi.doMock('ws', () => {
      throw new Error('no such package');
    });
    vi.resetModules();
    const { listenWebSocket: withoutWs } = await import('../../lib/node/listenWebSocket.js');
    await expect(lastValueFrom(withoutWs({ host, port: 0 }))).rejects.toThrow('needs the package ws');
    vi.doUnmock('ws');
    vi.resetModules();
  });
});

describe('listenWebSocket, attached to an HTTP server', () => {
  it('takes the WebSockets of its path, leaves pages to the server and other paths to its other listeners', async () => {
    const server = await httpServer();
    const { sessions } = await serving({ server, path: '/smux' });
    expect(await refusal(`${urlOf(server)}/chat`)).toBe(404);

    const chat = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      if (request.url === '/chat') chat.handleUpgrade(request, socket, head, (client) => chat.clients.add(client));
    });
    const session = await dialled(`${urlOf(server)}/smux?token=1`);
    const other = await raw(`${urlOf(server)}/chat`);
    expect(await ask(session, 'hello')).toBe('hello');
    expect([sessions.length, chat.clients.size]).toEqual([1, 1]);
    const [page] = await once(get(urlOf(server, 'http')), 'response');
    expect(textOf(await page.toArray())).toBe('a page');
    other.terminate();
  });

  it('may be attached several times, for different paths', async () => {
    const server = await httpServer();
    const [one, other] = [await serving({ server, path: '/one' }), await serving({ server, path: '/other' })];
    expect(await ask(await dialled(`${urlOf(server)}/one`), 'hello')).toBe('hello');
    expect(await ask(await dialled(`${urlOf(server)}/other`), 'hello')).toBe('hello');
    expect([one.sessions.length, other.sessions.length]).toEqual([1, 1]);
    expect(await refusal(`${urlOf(server)}/third`)).toBe(404);
  });

  it('leaves the server alone when it is unsubscribed', async () => {
    const server = await httpServer();
    const { stop } = await serving({ server });
    await dialled(urlOf(server));
    stop();
    expect(server.listenerCount('upgrade')).toBe(0);
    expect(server.listening).toBe(true);
    await serving({ server });
    await dialled(urlOf(server));
  });

  it('may be attached before the server listens', async () => {
    const server = createServer();
    const started = serving({ server });
    server.listen(0, host);
    undo.push(() => server.close());
    await started;
    expect(await ask(await dialled(urlOf(server)), 'hello')).toBe('hello');
  });

  it('answers requests that ask for no WebSocket on a port of its own', async () => {
    const { port } = await serving();
    const [response] = await once(get({ host, port }), 'response');
    expect(response.statusCode).toBe(426);
    expect(response.headers.upgrade).toBe('websocket');
  });
});

describe('listenWebSocket, whom it lets in', () => {
  const statusFor = async (url: string, origin?: string) => {
    const headers: Record<string, string> = origin === undefined ? {} : { origin };
    const socket = new WebSocket(url, { headers });
    undo.push(() => socket.terminate());
    return new Promise<number>((resolve) => {
      socket.on('open', () => resolve(101));
      socket.on('error', ({ message }) => resolve(Number(/\d+$/.exec(message)?.[0])));
    });
  };

  it('takes pages of its own host, and programs, unless it is told whom', async () => {
    const { url, port } = await serving();
    expect(await statusFor(url)).toBe(101);
    expect(await statusFor(url, `http://${host}:${port}`)).toBe(101);
    for (const origin of ['http://evil.example', `http://${host}:${port + 1}`, 'null', 'nonsense']) {
      expect(await statusFor(url, origin)).toBe(403);
    }
  });

  it('takes the origins that it is told', async () => {
    const { url, port } = await serving({ origins: ['https://good.example'] });
    expect(await statusFor(url, 'https://good.example')).toBe(101);
    expect(await statusFor(url, 'http://good.example')).toBe(403);
    expect(await statusFor(url, `http://${host}:${port}`)).toBe(403);
    const judged = await serving({ origins: (origin, { url: path }) => origin.endsWith('.example') && path === '/in' });
    expect(await statusFor(`${judged.url}/in`, 'https://any.example')).toBe(101);
    expect(await statusFor(`${judged.url}/out`, 'https://any.example')).toBe(403);
  });

  it('asks authorize, which may take its time', async () => {
    const authorize = vi.fn(async ({ headers }: { headers: Record<string, unknown> }) => headers.cookie === 'user=ann');
    const { url, sessions } = await serving({ authorize: authorize as never });
    expect(await refusal(url)).toBe(401);
    await raw(url, { cookie: 'user=ann' });
    expect(sessions).toHaveLength(1);
    expect(authorize).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['true', () => true, 101],
    ['an Observable of true', () => of(true), 101],
    ['false', () => false, 401],
    ['an Observable that is empty', () => [], 401],
    ['an Observable that does not emit', () => NEVER, 408],
  ])('takes %s for an answer', async (_, authorize, status) => {
    const { url } = await serving({ authorize, authorizeTimeout: 50 });
    expect(await statusFor(url)).toBe(status);
  });

  it('answers 500 and tells when authorize fails, thrown or notified', async () => {
    const cause = new Error('no database');
    const throwing = () => {
      throw cause;
    };
    for (const authorize of [throwing, () => throwError(() => cause)]) {
      const { url, errors } = await serving({ authorize });
      expect(await refusal(url)).toBe(500);
      expect(errors).toEqual([cause]);
    }
  });

  it('forgets a client that leaves while authorize thinks, and refuses one when it has stopped', async () => {
    const answers: ((isAccepted: boolean) => void)[] = [];
    const authorize = () => new Promise<boolean>((resolve) => answers.push(resolve));
    const { url, sessions, stop } = await serving({ authorize });
    const leaving = new WebSocket(url);
    leaving.on('error', () => undefined);
    await expect.poll(() => answers).toHaveLength(1);
    leaving.terminate();
    const late = refusal(url);
    await expect.poll(() => answers).toHaveLength(2);
    answers[0]?.(true);
    stop();
    answers[1]?.(true);
    expect(await late).toBe(503);
    expect(sessions).toHaveLength(0);
  });
});

describe('listenWebSocket, faults', () => {
  const endOf = async (happen: (socket: WebSocket) => void, options: Partial<ListenWebSocketOptions> = {}) => {
    const { url, sessions } = await serving(options);
    const socket = await raw(url);
    await expect.poll(() => sessions).toHaveLength(1);
    happen(socket);
    return firstValueFrom((sessions[0] as Session).closed$);
  };

  it('ends a session that gets a text message', async () => {
    expect(await endOf((socket) => socket.send('hello'))).toMatchObject({ cause: { code: 'SMUX_ERR_MESSAGE' } });
  });

  it('ends a session that gets a message beyond maxMessageSize', async () => {
    const ending = await endOf((socket) => socket.send(new Uint8Array(2000)), { maxMessageSize: 1000 });
    expect(ending).toMatchObject({
      cause: { code: 'SMUX_ERR_LINK_LOST', message: expect.stringContaining('Max payload size exceeded') },
    });
  });

  it.each([
    [4000, { cause: { code: 'SMUX_ERR_LINK_LOST', message: expect.stringContaining('4000: bye') } }],
    [1000, {}],
    [1001, {}],
  ])('ends a session that is closed with code %i', async (code, ending) => {
    const { cause, ...rest } = await endOf((socket) => socket.close(code, 'bye'));
    expect({ ...rest, ...(cause && { cause }) }).toMatchObject(ending);
    expect(cause === undefined).toBe(!('cause' in ending));
  });

  it('ends a session whose connection breaks', async () => {
    expect(await endOf((socket) => socket.terminate())).toMatchObject({ cause: { code: 'SMUX_ERR_LINK_LOST' } });
  });

  it('outlives requests that are nonsense', async () => {
    const { port, url } = await serving();
    for (const request of [
      'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n',
      'GET // HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: upgrade\r\nOrigin: ::\r\n\r\n',
    ]) {
      const socket = connectTcp(port, host);
      socket.write(request);
      const [answer] = await once(socket, 'data');
      expect(String(answer)).toMatch(/^HTTP\/1.1 4\d\d /);
      socket.destroy();
    }
    expect(await ask(await dialled(url), 'still here')).toBe('still here');
  });
});
