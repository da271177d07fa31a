import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenKcp } from '../../lib/kcp/index.js';
import { hex } from '../helpers/bytes.js';
import { RandomBytes } from '../helpers/random.js';
import { HOST, KCP, kcpClient, kcpServer } from './kcpEnds.js';

const text = (words: string) => new TextEncoder().encode(words);
const PLAIN = { crypt: 'null' } as const;

const udpSocket = async (): Promise<Socket> => {
  const socket = createSocket('udp4').bind(0, HOST);
  onTestFinished(() => void socket.close());
  await once(socket, 'listening');
  return socket;
};
/** A PUSH with the SYN of stream 3. */
const syn = (conversation: string, number = '00000000') =>
  hex(`${conversation} 51 00 0004 00000000 ${number} 00000000 08000000 01 00 0000 03000000`);
/** Until what was sent before has been read. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

describe('listenKcp', () => {
  it('opens no session for what is no first PUSH', async () => {
    const { port, accepted } = await kcpServer(PLAIN);
    const socket = await udpSocket();
    const random = new RandomBytes(1);
    for (let size = 0; size < 200; size++) socket.send(random.take(size), port, HOST);
    socket.send(syn('01000000', '00040000'), port, HOST); // in the middle of a conversation
    socket.send(hex('01000000 52 00 0004 00000000 00000000 00000000 00000000'), port, HOST);
    socket.send(hex('01000000 54 00 0004 00000000 00000000 00000000 00000000'), port, HOST);
    await settled();
    expect(accepted).toHaveLength(0);
    socket.send(syn('01000000', '00000000'), port, HOST);
    await expect.poll(() => accepted.length).toBe(1);
  });

  it('answers who asks for the window, without a session, with no more bytes than the question has', async () => {
    const { port, accepted } = await kcpServer(PLAIN);
    const socket = await udpSocket();
    const answered = once(socket, 'message');
    socket.send(hex('01000000 53 00 0004 00000000 00000000 00000000 00000000'), port, HOST);
    const [answer] = await answered;
    expect(answer.toString('hex')).toBe('010000005400000400000000000000000000000000000000');
    expect(accepted).toHaveLength(0);
  });

  it('is not moved by datagrams that come again, nor by what others send in the name of the conversation', async () => {
    const { port, accepted } = await kcpServer(PLAIN);
    const [socket, other] = [await udpSocket(), await udpSocket()];
    socket.send(syn('01000000'), port, HOST);
    await expect.poll(() => accepted[0]?.streamCount).toBe(1);
    for (let time = 0; time < 100; time++) socket.send(syn('01000000'), port, HOST);
    other.send(syn('01000000'), port, HOST);
    await expect.poll(() => accepted.length).toBe(2); // one for each address: nobody roams
    await settled();
    expect(accepted).toHaveLength(2);
    expect(accepted[0]?.stats).toMatchObject({ received: 8, streamsAccepted: 1 });
    expect(accepted[0]?.transport.stats).toMatchObject({ segmentsReceived: 1, segmentsRepeated: 100 });
  });

  it('gives a conversation up for another one that begins at the same address, and does not go back', async () => {
    const { port, accepted } = await kcpServer(PLAIN);
    const socket = await udpSocket();
    socket.send(syn('01000000'), port, HOST);
    await expect.poll(() => accepted.length).toBe(1);
    socket.send(syn('02000000', '01000000'), port, HOST); // does not begin
    await settled();
    expect(accepted).toHaveLength(1);
    socket.send(syn('02000000'), port, HOST);
    await expect.poll(() => accepted.length).toBe(2);
    expect(accepted[0]?.isClosed).toBe(true);
    socket.send(syn('01000000'), port, HOST);
    await settled();
    expect(accepted).toHaveLength(2);
    expect(accepted[1]?.isClosed).toBe(false);
  });

  it('keeps no more unconfirmed sessions than the backlog, and those that are confirmed', async () => {
    const { port, accepted } = await kcpServer({ ...PLAIN, backlog: 5 });
    const client = await kcpClient(port, { ...PLAIN });
    const stream = client.open();
    stream.next(text('real'));
    await firstValueFrom(stream);
    for (let at = 0; at < 20; at++) (await udpSocket()).send(syn('01000000'), port, HOST);
    await expect.poll(() => accepted.length).toBe(21);
    await expect.poll(() => accepted.filter(({ isClosed }) => !isClosed).length).toBe(6);
    expect(accepted[0]?.isClosed).toBe(false);
    expect(await firstValueFrom((accepted[1] as NonNullable<(typeof accepted)[0]>).closed$)).toMatchObject({
      cause: { message: expect.stringContaining('newer conversations wait') },
    });
  });

  it('reads nothing that is not sealed with its key, and tells of it once', async () => {
    const { port, accepted, errors } = await kcpServer();
    const socket = await udpSocket();
    const random = new RandomBytes(4);
    for (let at = 0; at < 50; at++) socket.send(random.take(100), port, HOST);
    await expect.poll(() => errors.length).toBe(1);
    expect(errors[0]?.message).toMatch(
      /now from 127\.0\.0\.1, not sealed with our key: key and crypt must be the same/,
    );
    const client = await kcpClient(port);
    const stream = client.open();
    stream.send([text('all the same')]).subscribe();
    expect(Buffer.concat(await lastValueFrom(stream.pipe(toArray()))).toString()).toBe('all the same');
    expect(accepted).toHaveLength(1);
  });

  it('notices a client that has gone by its silence', async () => {
    const { port, accepted } = await kcpServer({ keepAliveInterval: 100, keepAliveTimeout: 400 });
    const client = await kcpClient(port);
    client.open().next(text('x'));
    await expect.poll(() => accepted.length).toBe(1);
    client.destroy();
    expect(await firstValueFrom((accepted[0] as NonNullable<(typeof accepted)[0]>).closed$)).toMatchObject({
      cause: { code: 'SMUX_ERR_KEEPALIVE_TIMEOUT' },
    });
  });

  it('accepts nothing new when it is unsubscribed, while live sessions go on', async () => {
    const { port, accepted, stop, isComplete } = await kcpServer();
    const client = await kcpClient(port);
    const stream = client.open();
    stream.next(text('one'));
    await firstValueFrom(stream);
    stop();
    await expect(kcpClient(port, { connectTimeout: 300 })).rejects.toMatchObject({ code: 'SMUX_ERR_CONNECT_TIMEOUT' });
    stream.next(text('two'));
    expect(Buffer.from(await firstValueFrom(stream)).toString()).toBe('two');
    expect(isComplete()).toBe(false);
    accepted[0]?.destroy();
    await expect.poll(isComplete).toBe(true);
  });

  it('closes the live sessions too when told to', async () => {
    const { port, accepted, stop } = await kcpServer({ closeSessions: true });
    const client = await kcpClient(port);
    client.open().close();
    await expect.poll(() => accepted.length).toBe(1);
    stop();
    expect(await firstValueFrom((accepted[0] as NonNullable<(typeof accepted)[0]>).closed$)).toEqual({});
  });

  it('errors when it cannot bind', async () => {
    const { port } = await kcpServer();
    const failed = lastValueFrom(listenKcp({ ...KCP, host: HOST, port }));
    await expect(failed).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(lastValueFrom(listenKcp({ ...KCP, host: 'nowhere.invalid', port: 0 }))).rejects.toThrow(
      'nowhere.invalid',
    );
  });

  it.each([
    [{ port: -1 }, 'port must be from 0 to 65535'],
    [{ port: 0, backlog: 0 }, 'backlog must be at least 1'],
    [{ port: 0, key: '' }, 'crypt aes needs a key'],
  ])('rejects %j', (options, message) => {
    expect(() => listenKcp({ ...KCP, ...options })).toThrow(message);
  });
});
