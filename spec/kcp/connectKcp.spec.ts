import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession } from '../../lib/index.js';
import { type ConnectKcpOptions, connectKcp, connectKcpAsync, kcpTransport } from '../../lib/kcp/index.js';
import { randomChunks, sha256 } from '../helpers/random.js';
import { HOST, KCP, kcpClient, kcpServer } from './kcpEnds.js';

const text = (words: string) => new TextEncoder().encode(words);
/** A UDP socket that says nothing, or what it is told to; its port. */
const silentSocket = async (answer?: (datagram: Buffer) => Buffer) => {
  const socket = createSocket('udp4').bind(0, HOST);
  onTestFinished(() => void socket.close());
  await once(socket, 'listening');
  if (answer) socket.on('message', (datagram, { port }) => socket.send(answer(datagram), port, HOST));
  return socket.address().port;
};

describe('connectKcp and listenKcp', () => {
  it.each([
    ['aes', {}],
    ['null', { crypt: 'null' }],
    ['aes-128-gcm', { crypt: 'aes-128-gcm' }],
    ['compression', { compression: true }],
    ['error correction', { dataShards: 10, parityShards: 3 }],
    ['version 1', { version: 1 }],
    ['a small MTU', { mtu: 100 }],
    ["the protocol's congestion window", { congestionControl: 'window' }],
    ['small windows', { sendWindow: 4, receiveWindow: 32 }],
  ] satisfies [string, Partial<ConnectKcpOptions>][])('carry bytes both ways: %s', async (_, options) => {
    const { port } = await kcpServer(options);
    const session = await kcpClient(port, options);
    const stream = session.open();
    const chunks = [...randomChunks(300_000, 5)];
    const sending = lastValueFrom(stream.send(chunks));
    const received = await lastValueFrom(stream.pipe(toArray()));
    expect(sha256(received)).toBe(sha256(chunks));
    expect(await sending).toBe(300_000);
  });

  it.each(['::1', 'localhost', '127.0.0.1'])('meet at %s when the server listens everywhere', async (host) => {
    const everywhere: Record<string, unknown> = { host: undefined };
    const { port, accepted } = await kcpServer(everywhere);
    const session = await kcpClient(port, { host });
    const stream = session.open();
    stream.send([text('hello')]).subscribe();
    expect(Buffer.concat(await lastValueFrom(stream.pipe(toArray()))).toString()).toBe('hello');
    expect(session.transport.info.remotePort).toBe(port);
    expect(accepted[0]?.transport.info.remotePort).toBe(session.transport.info.localPort);
  });

  it('end in order: the session closes, connectKcp completes', async () => {
    const { port } = await kcpServer();
    const ended = new Promise((resolve, reject) => {
      connectKcp({ ...KCP, host: HOST, port }).subscribe({
        next: (session) => {
          const stream = session.open();
          stream.send(randomChunks(100_000, 3)).subscribe();
          stream.subscribe({ complete: () => session.close() });
        },
        error: reject,
        complete: () => resolve('complete'),
      });
    });
    expect(await ended).toBe('complete');
  });

  it('lose nothing that was written before the close', async () => {
    const { port, accepted } = await kcpServer();
    const session = await kcpClient(port);
    const stream = session.open();
    stream.next(new Uint8Array(200_000));
    session.close();
    await firstValueFrom(session.closed$);
    await expect.poll(() => accepted[0]?.stats.received).toBeGreaterThan(200_000);
  });

  it('destroy the session when connectKcp is unsubscribed', async () => {
    const { port } = await kcpServer();
    const session = await firstValueFrom(connectKcp({ ...KCP, host: HOST, port }).pipe(take(1)));
    expect(session.isClosed).toBe(true);
  });

  it('dial anew for every subscription', async () => {
    const { port, accepted } = await kcpServer();
    const session$ = connectKcp({ ...KCP, host: HOST, port });
    for (let count = 1; count <= 2; count++) {
      await new Promise<void>((resolve) => {
        const subscription = session$.subscribe((session) => {
          session.open().next(text('x'));
          void expect
            .poll(() => accepted.length)
            .toBe(count)
            .then(() => {
              subscription.unsubscribe();
              resolve();
            });
        });
      });
    }
    expect(accepted).toHaveLength(2);
  });

  it('tell of the network', async () => {
    const { port, accepted } = await kcpServer();
    const session = await kcpClient(port);
    const stream = session.open();
    await lastValueFrom(stream.send(randomChunks(200_000, 1)));
    await lastValueFrom(stream, { defaultValue: undefined });
    const stats = await firstValueFrom(session.transport.stats$);
    expect(stats).toMatchObject({ datagramsRejected: 0, datagramsRebuilt: 0, receiveWindow: 1024 });
    expect(stats.rto).toBeGreaterThanOrEqual(30);
    expect(stats.segmentsSent).toBeGreaterThan(150);
    expect(stats.segmentsReceived).toBeGreaterThan(150);
    expect(stats.datagramsSent).toBeGreaterThan(150);
    expect(stats.remoteWindow).toBe(1024);
    expect(accepted[0]?.transport.stats.segmentsReceived).toBeGreaterThan(150);
    session.destroy();
    expect(await lastValueFrom(session.transport.stats$, { defaultValue: 'complete' })).toBe('complete');
  });

  it('stop a writer whose reader does not read, and go on when it does', async () => {
    const { port } = await kcpServer({ maxReceiveBuffer: 65_536, maxReceiveOverdraft: 0 });
    const session = await kcpClient(port, { version: 1, maxReceiveBuffer: 65_536 });
    const stream = session.open();
    let sent = 0;
    const sending = lastValueFrom(stream.send(randomChunks(20_000_000, 3)));
    stream.writable$.subscribe(() => (sent = stream.stats.sent));
    await expect
      .poll(
        () => {
          const before = sent;
          sent = stream.stats.sent;
          return sent > 0 && before === sent;
        },
        { interval: 300, timeout: 10_000 },
      )
      .toBe(true);
    // Both ends' windows and budgets are full, and far less than all of it has left.
    expect(sent).toBeLessThan(10_000_000);
    const received = await lastValueFrom(stream.pipe(toArray()));
    expect(sha256(received)).toBe(sha256(randomChunks(20_000_000, 3)));
    expect(await sending).toBe(20_000_000);
  });
});

describe('connectKcp', () => {
  it('errors when nobody answers in time, and says what may be wrong', async () => {
    const port = await silentSocket();
    await expect(connectKcpAsync({ ...KCP, host: HOST, port, connectTimeout: 300 })).rejects.toMatchObject({
      code: 'SMUX_ERR_CONNECT_TIMEOUT',
      message: expect.stringMatching(
        /^no answer from 127\.0\.0\.1:\d+ within 300 ms: nothing came: .* key or crypt differ/,
      ),
    });
  });

  it('counts answers that are sealed with another key, and says so', async () => {
    const port = await silentSocket((datagram) => Buffer.from(datagram).fill(7, 0, 20));
    await expect(connectKcpAsync({ ...KCP, host: HOST, port, connectTimeout: 400 })).rejects.toMatchObject({
      code: 'SMUX_ERR_CONNECT_TIMEOUT',
      message: expect.stringMatching(/\d datagrams came that are not sealed with our key: key and crypt must/),
    });
  });

  it('errors at once where the system says that nobody listens', async () => {
    const { port, stop, isComplete } = await kcpServer();
    stop();
    await expect.poll(isComplete).toBe(true);
    await expect(connectKcpAsync({ ...KCP, host: HOST, port })).rejects.toMatchObject({ code: 'SMUX_ERR_CONNECT' });
  });

  it('errors for a host that has no address', async () => {
    const dialled = connectKcpAsync({ ...KCP, host: 'nowhere.invalid', port: 1 });
    await expect(dialled).rejects.toMatchObject({ code: 'SMUX_ERR_CONNECT' });
  });

  it('gives up when told to', async () => {
    const port = await silentSocket();
    const reason = new Error('enough');
    const controller = new AbortController();
    const dialled = connectKcpAsync({ ...KCP, host: HOST, port, signal: controller.signal });
    controller.abort(reason);
    await expect(dialled).rejects.toBe(reason);
    await expect(connectKcpAsync({ ...KCP, host: HOST, port, signal: controller.signal })).rejects.toBe(reason);
  });

  it('errors when the server has gone and the system says so', async () => {
    const { port, accepted, stop } = await kcpServer({ closeSessions: true });
    const session = await kcpClient(port, { keepAliveInterval: 200 });
    session.open().next(text('x'));
    await expect.poll(() => accepted.length).toBe(1);
    accepted[0]?.destroy();
    stop();
    expect(await firstValueFrom(session.closed$)).toMatchObject({ cause: { code: 'SMUX_ERR_LINK_LOST' } });
  });

  it('says what may be wrong when a peer takes everything and says nothing', async () => {
    const { port } = await kcpServer({ compression: true, firstFrameTimeout: 0 });
    const options = { keepAliveInterval: 100, keepAliveTimeout: 600 };
    const ended = new Promise((resolve) => {
      connectKcp({ ...KCP, host: HOST, port, ...options }).subscribe({
        next: (session) => session.open().next(text('x')),
        error: resolve,
      });
    });
    expect(await ended).toMatchObject({
      code: 'SMUX_ERR_KEEPALIVE_TIMEOUT',
      message: expect.stringContaining('compression and smux version must be the same on both ends'),
    });
  });

  it.each([
    [{ port: 0 }, 'port must be from 1 to 65535'],
    [{ port: 1, key: '' }, 'crypt aes needs a key'],
    [{ port: 1, crypt: 'rot13' }, 'crypt must be one of null, none, aes'],
    [{ port: 1, mode: 'manual' }, 'mode must be one of normal, fast, fast2, fast3'],
    [{ port: 1, mtu: 63 }, 'mtu must be an integer from 64 to 1500, got 63'],
    [{ port: 1, sendWindow: 0 }, 'sendWindow must be'],
    [{ port: 1, receiveWindow: 31 }, 'receiveWindow must be'],
    [{ port: 1, interval: 5 }, 'interval must be'],
    [{ port: 1, resend: -1 }, 'resend must be'],
    [{ port: 1, dataShards: 3 }, 'dataShards and parityShards must both be 0'],
    [{ port: 1, dataShards: 200, parityShards: 56 }, 'dataShards and parityShards must'],
    [{ port: 1, congestionControl: 'cubic' }, 'congestionControl must be one of rate, window, none'],
    [{ port: 1, socketBuffer: 0 }, 'socketBuffer must be'],
    [{ port: 1, maxFrameSize: 0 }, 'maxFrameSize must be'],
  ])('rejects %j', (options, message) => {
    expect(() => connectKcp({ ...KCP, ...options } as ConnectKcpOptions)).toThrow(RangeError);
    expect(() => connectKcp({ ...KCP, ...options } as ConnectKcpOptions)).toThrow(message);
  });
});

describe('kcpTransport', () => {
  it('joins two sessions over two connected sockets', async () => {
    const sockets = [createSocket('udp4').bind(0, HOST), createSocket('udp4').bind(0, HOST)] as const;
    await Promise.all(sockets.map((socket) => once(socket, 'listening')));
    const ports = sockets.map((socket) => socket.address().port);
    sockets.forEach((socket, at) => void socket.connect(ports[1 - at] as number, HOST));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const options = { crypt: 'null', conversation: 0xffffffff } as const;
    const client = createSession(kcpTransport(sockets[0], options), { role: 'client' });
    const server = createSession(kcpTransport(sockets[1], options), { role: 'server' });
    server.streams$.subscribe((stream) => stream.send(stream).subscribe());
    const stream = client.open();
    stream.send([text('over my own sockets')]).subscribe();
    expect(Buffer.concat(await lastValueFrom(stream.pipe(toArray()))).toString()).toBe('over my own sockets');
    for (const session of [client, server]) session.destroy();
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
    expect(() => kcpTransport(sockets[0], { crypt: 'null', conversation: -1 })).toThrow('conversation must be');
  });
});
