import { type Socket } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { relay, reset } from '../../lib/cli/relay.js';
import { createSession } from '../../lib/session.js';
import { type SmuxStream } from '../../lib/stream.js';
import { linkedTransports } from '../../lib/testing/linkedTransports.js';
import { observe } from '../helpers/observe.js';
import { outcome, readAll, tcpConnect, tcpServer } from './tcp.js';

describe('relay', () => {
  it('passes bytes both ways, and completes when both ends have come, the stream first', async () => {
    const { near, far, socket, app } = await setUp();
    const relaying = observe(relay(near, socket));
    far.next(Buffer.from('question'));
    far.complete();
    expect((await readAll(app)).toString()).toBe('question');
    expect(relaying.isComplete).toBe(false);
    app.end('answer');
    expect(await readStream(far)).toBe('answer');
    await expect.poll(() => relaying.isComplete).toBe(true);
    expect(socket.destroyed).toBe(true);
  });

  it('passes bytes both ways, and completes when both ends have come, the socket first', async () => {
    const { near, far, socket, app } = await setUp();
    const relaying = observe(relay(near, socket));
    app.end('question');
    expect(await readStream(far)).toBe('question');
    expect(relaying.isComplete).toBe(false);
    far.next(Buffer.from('answer'));
    far.complete();
    expect((await readAll(app)).toString()).toBe('answer');
    await expect.poll(() => relaying.isComplete).toBe(true);
  });

  it('returns credit only for what the socket has taken', async () => {
    const { near, far, socket, app } = await setUp();
    const relaying = observe(relay(near, socket));
    const size = 32 * 1024 * 1024;
    const sending = observe(far.send([Buffer.alloc(size), Buffer.alloc(size)]));
    await new Promise((resolve) => setTimeout(resolve, 200));
    // What the kernel's two buffers take depends on the system; that it is not everything does not.
    expect(near.stats.consumed).toBeLessThan(size);
    expect(socket.writableLength).toBeLessThan(1024 * 1024);
    expect((await readAll(app)).length).toBe(2 * size);
    app.end();
    await expect.poll(() => [relaying.isComplete, sending.isComplete]).toStrictEqual([true, true]);
  });

  it('errors when the socket is reset, and leaves the end of the stream to its caller', async () => {
    const { near, far, socket, app } = await setUp();
    const relaying = observe(relay(near, socket));
    app.resetAndDestroy();
    await expect.poll(() => relaying.error).toMatchObject({ code: 'ECONNRESET' });
    expect(far.session.streamCount).toBe(1);
    near.error(relaying.error);
    expect(await readStream(far)).toBe('');
  });

  it('resets the socket when the link is lost', async () => {
    const { near, socket, app } = await setUp();
    const relaying = observe(relay(near, socket));
    near.session.destroy(new Error('gone'));
    expect(relaying.error).toMatchObject({ message: 'gone' });
    expect(await outcome(app)).toBe('ECONNRESET');
  });

  it('resets the socket rather than ending it when the stream was aborted', async () => {
    const { near, far, socket, app } = await setUp();
    const relaying = observe(relay(near, socket));
    far.next(Buffer.from('half an ans'));
    await new Promise((resolve) => app.once('readable', resolve));
    far.complete();
    far.close();
    expect(await outcome(app)).toBe('ECONNRESET');
    expect(relaying.error).toMatchObject({ code: 'SMUX_ERR_PEER_CLOSED' });
  });

  it('resets the socket on unsubscribing', async () => {
    const { near, socket, app } = await setUp();
    observe(relay(near, socket)).subscription.unsubscribe();
    expect(socket.destroyed).toBe(true);
    expect(await outcome(app)).toBe('ECONNRESET');
  });

  it('errors at once on a socket that is closed already', async () => {
    const { near, socket } = await setUp();
    socket.destroy();
    expect(observe(relay(near, socket)).error).toMatchObject({ message: 'the connection is closed' });
  });
});

describe('reset', () => {
  it('closes a socket that is being shut down, which cannot be reset', async () => {
    const { socket } = await setUp();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.alloc(32 * 1024 * 1024));
    socket.end();
    reset(socket);
    await closed;
    reset(socket);
    expect(socket.destroyed).toBe(true);
  });
});

/** A stream between two sessions, `far ══ near`, and a connection, `socket ── app`. */
async function setUp(): Promise<{ near: SmuxStream; far: SmuxStream; socket: Socket; app: Socket }> {
  const [a, b] = linkedTransports();
  const farSession = createSession(a, { role: 'client' });
  const nearSession = createSession(b, { role: 'server' });
  onTestFinished(() => {
    farSession.destroy();
    nearSession.destroy();
  });
  const far = farSession.open();
  const near = await firstValueFrom(nearSession.streams$);
  let accepted: (socket: Socket) => void;
  const accepting = new Promise<Socket>((resolve) => {
    accepted = resolve;
  });
  const { port } = await tcpServer((socket) => accepted(socket));
  const app = await tcpConnect(port);
  return { near, far, socket: await accepting, app };
}

async function readStream(stream: SmuxStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
