import { CompressionStream, DecompressionStream, TransformStream } from 'node:stream/web';
import { setImmediate as turn } from 'node:timers/promises';
import { concatMap, delay, firstValueFrom, lastValueFrom, of, toArray } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSession, handleStreams, type SmuxOptions, type SmuxStream, type Transport } from '../../lib/index.js';
import { toWebStreams, type WebStreams, webStreamsTransport } from '../../lib/web/index.js';
import { expectManyEchoes } from '../helpers/expectManyEchoes.js';
import { bytes, sizeOf, textOf } from '../helpers/frames.js';
import { observe } from '../helpers/observe.js';
import { randomChunks } from '../helpers/random.js';

const undo: (() => void)[] = [];
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);

beforeAll(() => void process.on('unhandledRejection', note));
afterEach(() => {
  for (const step of undo.splice(0)) step();
});
afterAll(() => {
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

/** Two ends of a channel; `through` makes what is between them, one each way. */
const channel = (through: () => WebStreams = () => new TransformStream<Uint8Array, Uint8Array>()) => {
  const [there, back] = [through(), through()];
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ] as const;
};
const pair = (ends: readonly [WebStreams, WebStreams] = channel(), options: SmuxOptions = {}) => {
  const [client, server] = [
    createSession(webStreamsTransport(ends[0]), { role: 'client', ...options }),
    createSession(webStreamsTransport(ends[1]), { role: 'server', ...options, version: 'auto' }),
  ];
  undo.push(
    () => client.destroy(),
    () => server.destroy(),
  );
  return { client, server };
};
/** A transport whose other end is the spec. */
const scripted = (writableStrategy?: QueuingStrategy) => {
  const [there, back] = [new TransformStream<Uint8Array, Uint8Array>({}, writableStrategy), new TransformStream()];
  const transport = webStreamsTransport({ readable: back.readable, writable: there.writable });
  return {
    transport,
    incoming: observe(transport.incoming$),
    drained: observe(transport.drained$),
    peer: { reader: there.readable.getReader(), writer: back.writable.getWriter() },
  };
};
type QueuingStrategy = { highWaterMark?: number };

describe('webStreamsTransport', () => {
  it('emits what is readable, and completes with it', async () => {
    const { incoming, peer } = scripted();
    await peer.writer.write(bytes('hello'));
    await peer.writer.close();
    await expect.poll(() => incoming.isComplete).toBe(true);
    expect(textOf(incoming.values)).toBe('hello');
  });

  it('writes a batch as one chunk, a copy, and waits until it is wanted', async () => {
    const { transport, drained, peer } = scripted();
    const chunk = bytes('hello ');
    expect(transport.write([chunk, bytes('world')])).toBe(false);
    chunk.fill(0);
    expect(drained.values).toHaveLength(0);
    expect(textOf([(await peer.reader.read()).value as Uint8Array])).toBe('hello world');
    await expect.poll(() => drained.values).toHaveLength(1);
  });

  it('does not wait where more is wanted', () => {
    const { transport } = scripted({ highWaterMark: 2 });
    expect(transport.write([bytes('a')])).toBe(true);
    expect(transport.write([bytes('b')])).toBe(false);
  });

  it('reads nothing while it is paused, but what it has asked for already', async () => {
    const { transport, incoming, peer } = scripted();
    await turn();
    transport.pause();
    for (const text of ['a', 'b', 'c']) peer.writer.write(bytes(text)).catch(note);
    await turn();
    await turn();
    expect(textOf(incoming.values)).toBe('a');
    transport.resume();
    transport.resume();
    expect(textOf(incoming.values)).toBe('a');
    await expect.poll(() => textOf(incoming.values)).toBe('abc');
  });

  it('closes the writable behind what was written, and then has flushed', async () => {
    const { transport, peer } = scripted({ highWaterMark: 10 });
    const flushed = observe(transport.flushed$ as NonNullable<Transport['flushed$']>);
    transport.write([bytes('last words')]);
    transport.close();
    transport.close();
    expect(transport.write([bytes('too late')])).toBe(false);
    await turn();
    expect(flushed.isComplete).toBe(false);
    expect(textOf([(await peer.reader.read()).value as Uint8Array])).toBe('last words');
    expect((await peer.reader.read()).done).toBe(true);
    await expect.poll(() => flushed.isComplete).toBe(true);
  });

  it.each([
    ['the readable fails', ({ peer }: ReturnType<typeof scripted>) => peer.writer.abort(new Error('cable'))],
    ['the writable fails', ({ peer }: ReturnType<typeof scripted>) => peer.reader.cancel(new Error('cable'))],
  ])('errors when %s', async (_, happen) => {
    const link = scripted();
    await turn();
    happen(link).catch(note);
    await expect.poll(() => link.incoming.error).toMatchObject({ message: 'cable' });
    expect(link.transport.write([bytes('late')])).toBe(false);
    link.transport.close();
    link.transport.destroy();
    await turn();
  });

  it('errors on a chunk that is not a Uint8Array', async () => {
    const { incoming, peer } = scripted();
    peer.writer.write('text').catch(note);
    await expect.poll(() => incoming.error).toMatchObject({ name: 'ProtocolError', code: 'SMUX_ERR_MESSAGE' });
  });

  it('lets go of both when it is destroyed', async () => {
    const { transport, peer } = scripted();
    transport.destroy();
    await expect(peer.writer.closed).rejects.toBeUndefined();
    await expect(peer.reader.closed).rejects.toBeUndefined();
  });

  it('does not take what is locked', () => {
    const [end] = channel();
    end.readable.getReader();
    expect(() => webStreamsTransport(end)).toThrow(TypeError);
  });
});

describe('two sessions over web streams', () => {
  it.each([
    ['as they are, version 1', channel, 1],
    ['as they are, version 2', channel, 2],
    ['that take the buffers away from their owner', () => channel(byteStreams), 2],
  ] as const)('moves many streams both ways, %s', async (_, link, version) => {
    const { client, server } = pair(link(), { version });
    server.streams$.pipe(handleStreams((stream) => stream.send(stream))).subscribe();
    await expectManyEchoes(client);
  });

  /** A byte stream does so with what is enqueued. */
  const byteStreams = (): WebStreams => {
    let controller: ReadableByteStreamController;
    const readable = new ReadableStream({
      type: 'bytes',
      start(its) {
        controller = its;
      },
    });
    const writable = new WritableStream<Uint8Array>({
      write: (chunk) => controller.enqueue(chunk as Uint8Array<ArrayBuffer>),
      close: () => controller.close(),
    });
    return { readable, writable };
  };

  it('stops a writer whose bytes nobody reads, in version 1 too', async () => {
    const { client, server } = pair(undefined, { version: 1, maxReceiveBuffer: 100_000 });
    const accepted = firstValueFrom(server.streams$);
    const sending = observe(client.open().send(randomChunks(5_000_000, 1)));
    const stream = await accepted;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sending.values.at(-1)).toBeLessThan(1_000_000);
    expect(sizeOf(await lastValueFrom(stream.pipe(toArray())))).toBe(5_000_000);
  });

  it('ends in order when one closes', async () => {
    const { client, server } = pair();
    client.close();
    expect(await Promise.all([client, server].map(({ closed$ }) => firstValueFrom(closed$)))).toEqual([{}, {}]);
  });

  it('compresses whole streams', async () => {
    const { client, server } = pair();
    const received = firstValueFrom(
      server.streams$.pipe(
        concatMap(async (stream) => {
          const plain = toWebStreams(stream).readable.pipeThrough(new DecompressionStream('gzip') as never);
          return new Response(plain as never).text();
        }),
      ),
    );
    const { writable } = toWebStreams(client.open());
    const text = 'again and again '.repeat(100_000);
    const sending = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip') as never) as ReadableStream;
    await sending.pipeTo(writable);
    expect(await received).toBe(text);
    expect(client.stats.sent).toBeLessThan(text.length / 20);
  });
});

describe('toWebStreams', () => {
  const streams = async () => {
    const { client, server } = pair(undefined, { maxFrameSize: 1000 });
    const ours = client.open();
    ours.next(new Uint8Array(0));
    const theirs = await firstValueFrom(server.streams$);
    return { ours, theirs, web: toWebStreams(ours) };
  };
  const settled = (stream: SmuxStream) => firstValueFrom(stream.closed$);

  it('reads, as asked for, to the end', async () => {
    const { ours, theirs, web } = await streams();
    theirs.send([new Uint8Array(1000), new Uint8Array(1000)]).subscribe();
    await expect.poll(() => ours.stats.received).toBe(2000);
    expect(ours.stats).toMatchObject({ unread: 2000, consumed: 0 });
    const reader = web.readable.getReader();
    expect((await reader.read()).value).toHaveLength(1000);
    expect(ours.stats).toMatchObject({ unread: 1000, consumed: 0 });
    expect((await reader.read()).value).toHaveLength(1000);
    expect(ours.stats).toMatchObject({ unread: 0, consumed: 1000 });
    expect((await reader.read()).done).toBe(true);
  });

  it('writes as fast as the peer takes it, then half-closes', async () => {
    const { ours, theirs, web } = await streams();
    const writer = web.writable.getWriter();
    const written = writer.write(new Uint8Array(500_000)).then(() => 'written');
    expect(await Promise.race([written, lastValueFrom(of('waiting').pipe(delay(30)))])).toBe('waiting');
    expect(ours.bufferedAmount).toBeGreaterThan(200_000);
    const receiving = lastValueFrom(theirs.pipe(toArray()));
    expect(await written).toBe('written');
    await writer.close();
    expect(sizeOf(await receiving)).toBe(500_000);
    theirs.next(bytes('answer'));
    expect((await web.readable.getReader().read()).value).toEqual(bytes('answer'));
  });

  it('leaves the rest unread when the readable is cancelled, and closes when the writable is', async () => {
    const { ours, theirs, web } = await streams();
    theirs.send([new Uint8Array(1000), new Uint8Array(1000)]).subscribe();
    const reader = web.readable.getReader();
    await reader.read();
    await reader.cancel();
    const writer = web.writable.getWriter();
    await writer.write(bytes('still writing'));
    expect(ours.stats).toMatchObject({ unread: 1000 });
    await writer.close();
    expect(textOf(await lastValueFrom(theirs.pipe(toArray())))).toBe('still writing');
    expect(await settled(ours)).toEqual({});
    expect(ours.stats.unread).toBe(0);
  });

  it('closes when the writable is closed first, and the readable is cancelled then', async () => {
    const { ours, theirs, web } = await streams();
    await web.writable.close();
    await web.readable.cancel();
    theirs.complete();
    expect(await settled(ours)).toEqual({});
  });

  it('aborts the stream when the writable is aborted', async () => {
    const { ours, web } = await streams();
    const reading = web.readable.getReader().read();
    await web.writable.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    expect(await settled(ours)).toMatchObject({ cause: { message: 'enough' } });
  });

  it('errors on both sides when the session is lost', async () => {
    const { ours, web } = await streams();
    const [reading, closing] = [web.readable.getReader().read(), web.writable.getWriter().closed];
    ours.session.destroy(new Error('cable'));
    await expect(reading).rejects.toThrow('cable');
    await expect(closing).rejects.toThrow('cable');
  });

  it('fails a write when the peer takes no more', async () => {
    const { theirs, web } = await streams();
    const writing = web.writable.getWriter().write(new Uint8Array(500_000));
    theirs.complete();
    theirs.close();
    await expect(writing).rejects.toMatchObject({ code: 'SMUX_ERR_PEER_CLOSED' });
  });
});
