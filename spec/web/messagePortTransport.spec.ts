import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { createSession, handleStreams, type SmuxOptions } from '../../lib/index.js';
import { type MessagePortLike, messagePortTransport, type PushedInputOptions } from '../../lib/web/index.js';
import { expectManyEchoes } from '../helpers/expectManyEchoes.js';
import { bytes, sizeOf, textOf } from '../helpers/frames.js';
import { observe } from '../helpers/observe.js';
import { randomChunks, sha256 } from '../helpers/random.js';

/** A port whose other end is the spec. */
class ScriptedPort implements MessagePortLike {
  readonly posted: unknown[] = [];
  readonly transferred: ArrayBuffer[] = [];
  isStarted = false;
  isClosed = false;
  readonly #listeners = new Map<string, (event: { readonly type: string; readonly data?: unknown }) => void>();

  postMessage(message: unknown, transfer: ArrayBuffer[]): void {
    this.transferred.push(...transfer);
    this.posted.push(structuredClone(message, { transfer }));
  }
  addEventListener(type: string, listener: (event: { readonly type: string; readonly data?: unknown }) => void): void {
    this.#listeners.set(type, listener);
  }
  start(): void {
    this.isStarted = true;
  }
  close(): void {
    this.isClosed = true;
  }
  receive(data: unknown): void {
    this.#listeners.get('message')?.({ type: 'message', data });
  }
  emit(type: string): void {
    this.#listeners.get(type)?.({ type });
  }
}
const KiB = 1024;
const scripted = (options?: PushedInputOptions) => {
  const port = new ScriptedPort();
  const transport = messagePortTransport(port, options);
  return { port, transport, incoming: observe(transport.incoming$), drained: observe(transport.drained$) };
};
const bufferOf = (text: string) => bytes(text).slice().buffer;

describe('messagePortTransport', () => {
  it('starts the port and emits the bytes of its messages, each acknowledged', () => {
    const { port, incoming } = scripted();
    expect(port.isStarted).toBe(true);
    port.receive(bufferOf('hello'));
    port.receive(bufferOf(' world'));
    expect(textOf(incoming.values)).toBe('hello world');
    expect(port.posted).toEqual([5, 6]);
  });

  it('posts a batch as one message: a copy, transferred', () => {
    const { port, transport } = scripted();
    const slab = bytes('hello world, and more');
    expect(transport.write([slab.subarray(0, 6), slab.subarray(6, 11)])).toBe(true);
    expect(port.posted).toEqual([bufferOf('hello world')]);
    expect(port.transferred[0]).not.toBe(slab.buffer);
    expect(port.transferred[0]?.byteLength).toBe(0); // it is the other end's now
    expect(textOf([slab])).toBe('hello world, and more');
  });

  it('waits while too much is under way, until half of it has been taken in', () => {
    const { port, transport, drained } = scripted();
    expect(transport.write([new Uint8Array(256 * KiB - 1)])).toBe(true);
    expect(transport.write([new Uint8Array(1)])).toBe(false);
    port.receive(128 * KiB - 1);
    expect(drained.values).toHaveLength(0);
    port.receive(1);
    expect(drained.values).toHaveLength(1);
    port.receive(128 * KiB);
    expect(drained.values).toHaveLength(1);
  });

  it('acknowledges nothing that it holds while it is paused', async () => {
    const { port, transport, incoming } = scripted();
    transport.pause();
    port.receive(bufferOf('held'));
    expect([incoming.values, port.posted]).toEqual([[], []]);
    transport.resume();
    await expect.poll(() => textOf(incoming.values)).toBe('held');
    expect(port.posted).toEqual([4]);
  });

  it('ends one direction with null, and acknowledges on', () => {
    const { port, transport, incoming } = scripted();
    transport.write([bytes('last words')]);
    transport.close();
    transport.close();
    expect(transport.write([bytes('too late')])).toBe(false);
    expect(port.posted).toEqual([bufferOf('last words'), null]);
    port.receive(bufferOf('answer'));
    port.receive(null);
    expect(incoming).toMatchObject({ isComplete: true, error: undefined });
    expect(port.posted.at(-1)).toBe(6);
    expect(port.isClosed).toBe(false);
    transport.destroy();
    expect(port.isClosed).toBe(true);
  });

  it('says its end when it is destroyed, then nothing more', () => {
    const { port, transport } = scripted();
    transport.destroy();
    transport.destroy();
    port.receive(bufferOf('late'));
    expect(port.posted).toEqual([null]);
  });

  it('completes when the platform says that the other end is gone', () => {
    const { port, incoming } = scripted();
    port.emit('close');
    expect(incoming.isComplete).toBe(true);
  });

  it.each([
    ['text', 'text'],
    ['a view, whose buffer may be shared', new Uint8Array(4)],
    ['an acknowledgement of what was not sent', 1],
    ['an acknowledgement of less than nothing', -1],
    ['an acknowledgement that is no number', Number.NaN],
    ['nothing', undefined],
  ])('errors on %s', (_, message) => {
    const { port, incoming } = scripted();
    port.receive(message);
    expect(incoming.error).toMatchObject({ name: 'ProtocolError', code: 'SMUX_ERR_MESSAGE' });
  });

  it('errors on a message that could not be deserialized', () => {
    const { port, incoming } = scripted();
    port.emit('messageerror');
    expect(incoming.error).toMatchObject({ code: 'SMUX_ERR_MESSAGE' });
  });

  it('errors when an other end that does not wait sends more than is held', () => {
    const { port, transport, incoming } = scripted({ maxPausedBuffer: 10 });
    transport.pause();
    for (let round = 0; round < 3; round++) port.receive(bufferOf('five!'));
    expect(incoming.error).toMatchObject({ code: 'SMUX_ERR_RECEIVE_BUFFER' });
    expect(() => messagePortTransport(new ScriptedPort(), { maxPausedBuffer: 0 })).toThrow('maxPausedBuffer');
  });
});

describe.each([1, 2] as const)('two sessions over a MessageChannel, version %i', (version) => {
  const undo: (() => void)[] = [];
  afterEach(() => {
    for (const step of undo.splice(0)) step();
  });
  const pair = (options: SmuxOptions = {}) => {
    const { port1, port2 } = new MessageChannel();
    const client = createSession(messagePortTransport(port1), { role: 'client', version, ...options });
    const server = createSession(messagePortTransport(port2), { role: 'server', ...options });
    undo.push(
      () => client.destroy(),
      () => server.destroy(),
    );
    return { client, server };
  };

  it('moves many streams both ways, whole and in order', async () => {
    const { client, server } = pair();
    server.streams$.pipe(handleStreams((stream) => stream.send(stream))).subscribe();
    await expectManyEchoes(client);
  });

  it('stops a writer whose bytes nobody reads, and loses none', async () => {
    const { client, server } = pair({ maxReceiveBuffer: 300_000 });
    const accepted = firstValueFrom(server.streams$);
    const sending = observe(client.open().send(randomChunks(5_000_000, 1)));
    const stream = await accepted;
    await expect.poll(() => server.stats.unread).toBeGreaterThanOrEqual(262_144);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sending.values.at(-1)).toBeLessThan(1_000_000);
    expect(server.isClosed).toBe(false);
    const chunks = await lastValueFrom(stream.pipe(toArray()));
    expect(sizeOf(chunks)).toBe(5_000_000);
    expect(sha256(chunks)).toBe(sha256(randomChunks(5_000_000, 1)));
  });

  it('ends in order on both sides when one is closed', async () => {
    const { client, server } = pair();
    const accepted = firstValueFrom(server.streams$);
    const stream = client.open();
    stream.next(bytes('bye'));
    stream.close();
    client.close();
    (await accepted).complete();
    expect(textOf(await lastValueFrom((await accepted).pipe(toArray())))).toBe('bye');
    expect(await Promise.all([client, server].map(({ closed$ }) => firstValueFrom(closed$)))).toEqual([{}, {}]);
  });

  it('tells the other end when one is destroyed', async () => {
    const { client, server } = pair();
    client.open().next(bytes('unfinished'));
    await firstValueFrom(server.streams$);
    client.destroy();
    expect(await firstValueFrom(server.closed$)).toMatchObject({ cause: { code: 'SMUX_ERR_LINK_LOST' } });
  });
});
