import fc from 'fast-check';
import { firstValueFrom, lastValueFrom, of, Subject, type Subscription, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handleStreams } from '../lib/handleStreams.js';
import { type SmuxOptions } from '../lib/options.js';
import { createSession, type Session } from '../lib/session.js';
import { type SmuxStream } from '../lib/stream.js';
import { type LinkOptions, linkedTransports } from '../lib/testing/index.js';
import { bytes, sizeOf, textOf } from './helpers/frames.js';
import { observe } from './helpers/observe.js';
import { RandomBytes, randomChunks, sha256 } from './helpers/random.js';
import { scriptedPeer } from './helpers/scriptedPeer.js';

/**
 * What the tests of xtaci/smux check between two sessions, in the form it has here, for both versions. Scenarios that need no
 * second session are in `session.spec.ts` and `stream.spec.ts`, those of the queue in `outbound/`, those of the frames in `wire/`.
 */
const sessions: Session[] = [];
beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }),
);
afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const pair = (options: SmuxOptions = {}, link: LinkOptions = {}) => {
  const [a, b] = linkedTransports(link);
  const client = createSession(a, { role: 'client', ...options });
  const server = createSession(b, { role: 'server', ...options });
  sessions.push(client, server);
  return { client, server, a, b };
};
const echo = (session: Session): Subscription =>
  session.streams$.pipe(handleStreams((stream) => stream.send(stream))).subscribe();
const all = async (stream: SmuxStream) => lastValueFrom(stream.pipe(toArray()));
/** Lets everything happen that is ready; no time passes. */
const settle = async (turns = 50) => {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
};

describe.each([1, 2] as const)('version %i', (version) => {
  it('echoes a hundred messages in order', async () => {
    const { client, server } = pair({ version });
    echo(server);
    const stream = client.open();
    for (let at = 0; at < 100; at++) {
      const message = `hello${at}`;
      stream.next(bytes(message));
      expect(textOf(await lastValueFrom(stream.demand(of(message.length)).pipe(toArray())))).toBe(message);
    }
  });

  it('echoes a stream that the server opened', async () => {
    const { client, server } = pair({ version });
    echo(client);
    await settle();
    const stream = server.open();
    stream.next(bytes('from the server'));
    stream.complete();
    expect(textOf(await all(stream))).toBe('from the server');
    expect(stream.id).toBe(2);
  });

  it('serves a thousand streams with a hundred messages each', async () => {
    const { client, server } = pair({ version });
    echo(server);
    const texts = Array.from({ length: 1000 }, async (_, at) => {
      const stream = client.open();
      for (let message = 0; message < 100; message++) stream.next(bytes(`${at}:${message};`));
      stream.complete();
      return textOf(await all(stream));
    });
    const expected = (at: number) => Array.from({ length: 100 }, (_, message) => `${at}:${message};`).join('');
    expect(await Promise.all(texts)).toEqual(texts.map((_, at) => expected(at)));
    await settle();
    expect([client.streamCount, server.streamCount]).toEqual([0, 0]);
  });

  it('keeps the order when it is read six bytes at a time', async () => {
    const { client, server } = pair({ version });
    echo(server);
    const stream = client.open();
    const sent = new RandomBytes(1).take(600);
    stream.next(sent);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < 100; at++) pieces.push(...(await lastValueFrom(stream.demand(of(6)).pipe(toArray()))));
    expect(sha256(pieces)).toBe(sha256([sent]));
  });

  it('survives a reader that takes one byte of a hundred messages and closes', async () => {
    const { client, server } = pair({ version });
    echo(server);
    const stream = client.open();
    for (let at = 0; at < 100; at++) stream.next(bytes(`hello${at}`));
    await firstValueFrom(stream.demand(of(1)));
    stream.close();
    await settle();
    expect([client.streamCount, server.streamCount]).toEqual([0, 0]);
    expect([client.stats.unread, server.stats.unread, client.stats.unsent, server.stats.unsent]).toEqual([0, 0, 0, 0]);
  });

  it('moves random data of random sizes, cut in any way', async () => {
    const { client, server } = pair({ version }, { chunkSize: 1237 });
    echo(server);
    const sizes = [0, 1, 65_535, 65_536, 262_143, 262_144, 262_145, 3_000_000];
    const echoes = sizes.map(async (size) => {
      const stream = client.open();
      const sending = lastValueFrom(stream.send(randomChunks(size, size, 70_001)), { defaultValue: 0 });
      const digest = sha256(await all(stream));
      return [await sending, digest];
    });
    expect(await Promise.all(echoes)).toEqual(sizes.map((size) => [size, sha256(randomChunks(size, size))]));
  });

  it('ends a reader when the peer closes, and the stream when both have', async () => {
    const { client, server } = pair({ version });
    const stream = client.open();
    const theirs = await firstValueFrom(server.streams$);
    const received = observe(stream);
    theirs.close();
    await settle();
    expect(received.isComplete).toBe(true);
    stream.close();
    expect(await firstValueFrom(stream.closed$)).toEqual({});
    expect([client.streamCount, server.streamCount]).toEqual([0, 0]);
  });

  it('delivers all that was written before the session was closed', async () => {
    const { client, server } = pair({ version });
    const digests: Promise<string>[] = [];
    server.streams$.subscribe((stream) => {
      digests.push(all(stream).then(sha256));
      stream.complete();
    });
    for (let at = 0; at < 20; at++) client.open().next(new RandomBytes(at).take(100_000));
    client.close();
    expect(await firstValueFrom(client.closed$)).toEqual({});
    expect(await firstValueFrom(server.closed$)).toEqual({});
    expect(await Promise.all(digests)).toEqual(digests.map((_, at) => sha256(randomChunks(100_000, at))));
    expect(digests).toHaveLength(20);
  });

  it('half-closes both ways, nobody having read: both tails are whole', async () => {
    const { client, server } = pair({ version });
    const ours = client.open();
    const theirs = await firstValueFrom(server.streams$);
    for (const stream of [ours, theirs]) {
      stream.next(new RandomBytes(stream === ours ? 1 : 2).take(200_000));
      stream.complete();
    }
    await settle();
    expect([client.streamCount, server.streamCount]).toEqual([0, 0]);
    expect(sha256(await all(ours))).toBe(sha256(randomChunks(200_000, 2)));
    expect(sha256(await all(theirs))).toBe(sha256(randomChunks(200_000, 1)));
  });

  it('finds the stream tables empty, and the budgets whole, after many streams in all ways of ending', async () => {
    const { client, server } = pair({ version });
    const ignore = { error: () => undefined };
    const ways = [
      (stream: SmuxStream) => stream.close(),
      (stream: SmuxStream) => stream.error(new Error('no')),
      (stream: SmuxStream) => {
        stream.complete();
        stream.subscribe(ignore);
      },
      (stream: SmuxStream) => void stream.send(stream).subscribe(ignore), // at one end only
    ];
    const streams: SmuxStream[] = [];
    const end = (stream: SmuxStream, way: number) => {
      streams.push(stream);
      stream.next(new Uint8Array(1000));
      ways[way]?.(stream);
    };
    server.streams$.subscribe((stream) => end(stream, ((stream.id - 3) / 2) % 4));
    for (let round = 0; round < 96; round++) {
      end(client.open(), Math.floor(round / 4) % 3);
      await settle(1);
    }
    await settle();
    for (const stream of streams) stream.close();
    await settle();
    expect([client.streamCount, server.streamCount]).toEqual([0, 0]);
    for (const { stats } of [client, server]) expect(stats).toMatchObject({ unread: 0, unsent: 0 });
  });

  it('closes a hundred streams and the session at the same time', async () => {
    const { client, server } = pair({ version });
    echo(server);
    const streams = Array.from({ length: 100 }, () => client.open());
    for (const stream of streams) stream.next(new Uint8Array(100));
    await settle();
    const endings = streams.map(({ closed$ }) => firstValueFrom(closed$));
    for (const stream of streams) stream.close();
    client.close();
    expect(await Promise.all(endings)).toEqual(streams.map(() => ({})));
    expect(await firstValueFrom(client.closed$)).toEqual({});
    expect(await firstValueFrom(server.closed$)).toEqual({});
  });

  it('survives random frames, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame(version), { maxLength: 60 }), async (frames) => {
        const peer = scriptedPeer({ role: 'server', version, keepAliveDisabled: true });
        const closed = observe(peer.session.closed$);
        const accepted = observe(peer.session.streams$);
        for (const [at, frame] of frames.entries()) {
          await peer.receiveHex(frame);
          const stream = accepted.values[at % (accepted.values.length || 1)];
          if (at % 5 === 1) stream?.next(bytes('x'));
          if (at % 7 === 2) stream?.subscribe({ error: () => undefined });
          if (at % 11 === 3) stream?.close();
        }
        peer.session.destroy();
        expect(closed.isComplete).toBe(true);
        expect(peer.hasListeners()).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('delivers all bytes in order for any bytes, any chunking and any schedule of reads, within the window', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 70_000 }),
        fc.array(fc.integer({ min: 0, max: 120_000 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 2000, max: 400_000 }), // a window of a few bytes would take as many turns as there are bytes
        async (sizes, chunkSize, reads, maxStreamBuffer) => {
          const { client, server } = pair(
            { version, maxStreamBuffer, keepAliveDisabled: true },
            { chunkSize: Math.max(chunkSize, 200) },
          );
          const stream = client.open();
          const chunks = sizes.map((size, at) => new RandomBytes(at + 1).take(size));
          for (const chunk of chunks) stream.next(chunk);
          stream.complete();
          const theirs = await firstValueFrom(server.streams$);
          const received: Uint8Array[] = [];
          for (const size of reads) {
            await settle(2);
            if (version === 2) expect(theirs.stats.unread).toBeLessThanOrEqual(Math.max(262_144, maxStreamBuffer));
            const left = sizeOf(chunks) - sizeOf(received);
            received.push(...(await lastValueFrom(theirs.demand(of(Math.min(size, left))).pipe(toArray()))));
          }
          received.push(...(await all(theirs)));
          expect(sizeOf(received)).toBe(sizeOf(chunks));
          expect(sha256(received)).toBe(sha256(chunks));
          expect(server.stats.unread).toBe(0);
          client.destroy();
          server.destroy();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('send', () => {
  it.each([1, 2] as const)(
    'on three hundred streams at once stays within maxSendBuffer, version %i',
    async (version) => {
      const maxSendBuffer = 2_000_000;
      const { client, server } = pair({ version, maxSendBuffer, keepAliveDisabled: true }, { sendBuffer: 200_000 });
      let received = 0;
      server.streams$.subscribe((stream) => {
        stream.complete();
        stream.subscribe((chunk) => {
          received += chunk.length;
        });
      });
      const chunk = new Uint8Array(20_000);
      const sending = Array.from({ length: 300 }, () => lastValueFrom(client.open().send([chunk, chunk, chunk])));
      expect(client.stats.unsent).toBeGreaterThanOrEqual(maxSendBuffer / 2);
      expect(client.stats.unsent).toBeLessThanOrEqual(maxSendBuffer);
      expect(await Promise.all(sending)).toEqual(sending.map(() => 60_000));
      await settle();
      expect(received).toBe(300 * 60_000);
    },
  );

  it('of an Observable that cannot wait keeps the order, whatever its chunks meet', async () => {
    const { client, server } = pair({ version: 2, keepAliveDisabled: true });
    const source = new Subject<Uint8Array>();
    const sending = lastValueFrom(client.open().send(source));
    const stream = await firstValueFrom(server.streams$);
    const sizes = [200_000, 400_000, 300_000, 50_000, 120_000, 700_000, 10, 90_000];
    const chunks = sizes.map((size, at) => new RandomBytes(at + 1).take(size));
    const received: Uint8Array[] = [];
    for (const [at, chunk] of chunks.entries()) {
      source.next(chunk);
      const wanted = at % 2 === 0 ? 150_000 : 40_000;
      received.push(...(await lastValueFrom(stream.demand(of(wanted)).pipe(toArray()))));
      await settle(3);
    }
    source.complete();
    received.push(...(await all(stream)));
    expect(sizeOf(received)).toBe(sizeOf(chunks));
    expect(sha256(received)).toBe(sha256(chunks));
    expect(await sending).toBe(sizeOf(chunks));
  });

  it('goes on when another stream gives up its share of the send buffer', async () => {
    const { client, server } = pair({ version: 2, maxSendBuffer: 400_000, keepAliveDisabled: true });
    const greedy = [client.open(), client.open(), client.open()];
    for (const stream of greedy) stream.send([new Uint8Array(2_000_000)]).subscribe({ error: () => undefined });
    await settle(); // nobody reads them: what they hold waits for credit
    const patient = lastValueFrom(client.open().send([new Uint8Array(250_000)]));
    await settle();
    for (const stream of greedy) stream.error(new Error('enough'));
    expect(await patient).toBe(250_000);
    await settle();
    // Each of the greedy ones had filled its window, the third with a small share of the buffer at a time.
    expect(server.stats.unread).toBe(3 * 262_144 + 250_000);
  });

  it('takes chunks larger than maxSendBuffer, part by part', async () => {
    const { client, server } = pair({ maxSendBuffer: 1_000_000, keepAliveDisabled: true }, { sendBuffer: 100_000 });
    const sending = lastValueFrom(client.open().send([new RandomBytes(3).take(5_000_000)]));
    const stream = await firstValueFrom(server.streams$);
    expect(sha256(await all(stream))).toBe(sha256(randomChunks(5_000_000, 3)));
    expect(await sending).toBe(5_000_000);
  });
});

describe('head of line', () => {
  it('blocks in version 1 when a stream is not read, and nothing is lost when it is', async () => {
    const { client, server } = pair({ version: 1, maxReceiveBuffer: 100_000 });
    const [unread, active] = [client.open(), client.open()];
    unread.next(new Uint8Array(150_000));
    await settle();
    active.next(bytes('urgent'));
    await settle();
    const [first, second] = observe(server.streams$).values as [SmuxStream, SmuxStream];
    expect(second?.stats.received ?? 0).toBe(0);
    const draining = observe(first);
    await settle();
    expect(sizeOf(draining.values)).toBe(150_000);
    const later = second ?? observe(server.streams$).values[0];
    expect(textOf(observe(later).values)).toBe('urgent');
  });

  it('does not block in version 2', async () => {
    const { client, server } = pair({ version: 2 });
    for (let at = 0; at < 20; at++) client.open().next(new Uint8Array(300_000));
    const active = client.open();
    active.next(bytes('urgent'));
    await settle();
    const streams = observe(server.streams$).values;
    expect(streams).toHaveLength(21);
    expect(textOf(observe(streams[20] as SmuxStream).values)).toBe('urgent');
    expect(server.stats.unread).toBe(20 * 262_144);
  });

  it('lets both ends write 10 MiB before either reads', async () => {
    const { client, server } = pair({ version: 2 });
    const ours = client.open();
    const theirs = await firstValueFrom(server.streams$);
    const size = 10 * 1024 * 1024;
    for (const stream of [ours, theirs])
      stream.send(randomChunks(size, stream.id + (stream === ours ? 0 : 1))).subscribe();
    await settle();
    const digests = (await Promise.all([all(ours), all(theirs)])).map(sha256);
    expect(digests).toEqual([sha256(randomChunks(size, 4)), sha256(randomChunks(size, 3))]);
  });
});

/** Frames that are mostly well-formed, as hex. */
function anyFrame(version: 1 | 2): fc.Arbitrary<string> {
  const hex = (value: number, size: number) => {
    const buffer = Buffer.alloc(size);
    buffer.writeUIntLE(value, 0, size);
    return buffer.toString('hex');
  };
  const id = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 5 }) }, fc.nat(0xffff_ffff));
  const plain = fc
    .tuple(fc.constantFrom(0, 0, 1, 3), id)
    .map(([command, streamId]) => hex(version, 1) + hex(command, 1) + hex(0, 2) + hex(streamId, 4));
  const data = fc
    .tuple(id, fc.uint8Array({ maxLength: 40 }))
    .map(
      ([streamId, payload]) =>
        `${hex(version, 1)}02${hex(payload.length, 2)}${hex(streamId, 4)}${Buffer.from(payload).toString('hex')}`,
    );
  const update = fc
    .tuple(id, fc.nat(3), fc.nat(0xffff_ffff))
    .map(
      ([streamId, consumed, window]) =>
        `${hex(version, 1)}040800${hex(streamId, 4)}${hex(consumed, 4)}${hex(window, 4)}`,
    );
  const noise = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((wild) => Buffer.from(wild).toString('hex'));
  return fc.oneof(
    { weight: 8, arbitrary: plain },
    { weight: 8, arbitrary: data },
    { weight: 2, arbitrary: update },
    { weight: 1, arbitrary: noise },
  );
}
