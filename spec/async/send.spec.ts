import { concat, lastValueFrom, NEVER, type ObservableInput, of, Subject, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type SmuxStream } from '../../lib/index.js';
import { counting, cut, join, sizeOf, toHex } from '../helpers/bytes.js';
import { observe } from '../helpers/observe.js';
import { linkedStreams, settle, tidyUp } from './linkedStreams.js';

const bytes = counting(600_000);
const chunks = cut(bytes, 7000);

describe('send', () => {
  tidyUp();

  describe.each([1, 2] as const)('in version %i', (version) => {
    it.each<[string, () => ObservableInput<Uint8Array>]>([
      ['an array', () => chunks],
      [
        'a generator',
        function* () {
          yield* chunks;
        },
      ],
      [
        'an async generator',
        async function* () {
          yield* chunks;
        },
      ],
      ['a web stream', () => new Blob([bytes]).stream() as unknown as AsyncIterable<Uint8Array>],
      ['an Observable', () => of(...chunks)],
      ['a Promise', () => Promise.resolve(bytes)],
    ])('sends all of %s, tells how much has left, and half-closes', async (_, makeSource) => {
      const { opened, accepted } = await linkedStreams({ version });
      const received = lastValueFrom(accepted.pipe(toArray()));
      const progress = await lastValueFrom(opened.send(makeSource()).pipe(toArray()));
      expect(toHex(join(await received))).toBe(toHex(bytes));
      expect(progress.at(-1)).toBe(bytes.length);
      expect(progress).toStrictEqual([...new Set(progress)].sort((one, other) => one - other));
    });

    it('sends a stream on, as an echo', async () => {
      const { opened, accepted } = await linkedStreams({ version });
      const echo = observe(accepted.send(accepted));
      const received = lastValueFrom(opened.pipe(toArray()));
      opened.send(chunks).subscribe();
      expect(toHex(join(await received))).toBe(toHex(bytes));
      await settle();
      expect(echo).toMatchObject({ isComplete: true, error: undefined });
    });

    it('sends a hundred thousand synchronous chunks', async () => {
      const { opened, accepted } = await linkedStreams({ version });
      const small = counting(1);
      const received = lastValueFrom(accepted.pipe(toArray()));
      opened.send(Array<Uint8Array>(100_000).fill(small)).subscribe();
      expect(sizeOf(await received)).toBe(100_000);
    });
  });

  it('completes with an empty source, telling nothing', async () => {
    const { opened, accepted } = await linkedStreams();
    const reader = observe(accepted);
    const sending = observe(opened.send([]));
    await settle();
    expect(sending).toMatchObject({ values: [], isComplete: true });
    expect(reader).toMatchObject({ values: [], isComplete: true });
  });

  it('is cold', async () => {
    const { opened, accepted } = await linkedStreams();
    let pulled = 0;
    function* source() {
      pulled++;
      yield counting(3);
    }
    const sending$ = opened.send(source());
    await settle();
    expect([pulled, accepted.stats.received]).toStrictEqual([0, 0]);
    sending$.subscribe();
    await settle();
    expect([pulled, accepted.stats.received]).toStrictEqual([1, 3]);
  });

  it.each([
    [
      'a generator',
      function* (pull: () => Uint8Array) {
        for (;;) yield pull();
      },
    ],
    [
      'an async generator',
      async function* (pull: () => Uint8Array) {
        for (;;) yield pull();
      },
    ],
  ] as const)('pulls from %s only as far as the peer reads', async (_, makeSource) => {
    const { opened, accepted } = await linkedStreams({ version: 2 });
    let pulled = 0;
    const sending = observe(
      opened.send(
        makeSource(() => {
          pulled += 10_000;
          return counting(10_000);
        }),
      ),
    );
    await settle(200);
    expect(accepted.stats.received).toBe(262_144);
    // The window of the peer, and what waits for it here.
    expect(pulled).toBeLessThanOrEqual(262_144 + 262_144 + 10_000);
    const before = pulled;
    expect(sizeOf(await lastValueFrom(accepted.demand(of(200_000)).pipe(toArray())))).toBe(200_000);
    await settle();
    expect(pulled).toBeGreaterThan(before);
    expect(pulled).toBeLessThanOrEqual(200_000 + 262_144 + 262_144 + 10_000);
    sending.subscription.unsubscribe();
  });

  it('leaves the stream open with `preventClose`, complete when the last byte has left', async () => {
    const { opened, accepted } = await linkedStreams();
    const reader = observe(accepted);
    for (const from of [0, 100]) {
      const sending = opened.send([counting(60, from), counting(40, from + 60)], { preventClose: true });
      expect(await lastValueFrom(sending)).toBe(100);
    }
    await settle();
    expect(join(reader.values)).toStrictEqual(counting(200));
    expect(reader.isComplete).toBe(false);
    expect(opened.bufferedAmount).toBe(0);
  });

  it('counts its own bytes only, not those that waited before', async () => {
    const { opened, accepted } = await linkedStreams();
    observe(accepted);
    expect(await lastValueFrom(opened.send([counting(60)], { preventClose: true }))).toBe(60);
    expect(await lastValueFrom(opened.send([counting(40)]))).toBe(40);
  });

  describe('when it is unsubscribed', () => {
    it('lets the source return and leaves the stream open: a new one may follow', async () => {
      const { opened, accepted } = await linkedStreams({ version: 2 });
      let isReturned = false;
      function* endless() {
        try {
          for (;;) yield counting(10_000);
        } finally {
          isReturned = true;
        }
      }
      const reader = observe(accepted.demand(concat(of(20_000), NEVER)));
      const sending = observe(opened.send(endless()));
      await settle();
      sending.subscription.unsubscribe();
      expect(isReturned).toBe(true);
      reader.subscription.unsubscribe();
      const rest = observe(accepted);
      await settle(100);
      const received = sizeOf(reader.values) + sizeOf(rest.values);
      expect(received % 10_000).toBe(0); // it stopped between two chunks
      expect(await lastValueFrom(opened.send([counting(7)]))).toBe(7);
      await settle();
      expect(sizeOf(reader.values) + sizeOf(rest.values)).toBe(received + 7);
      expect(rest.isComplete).toBe(true);
    });
  });

  it('is one at a time', async () => {
    const { opened } = await linkedStreams();
    const first = observe(opened.send(NEVER));
    const second = observe(opened.send([counting(3)]));
    expect(second.error).toMatchObject({ code: 'SMUX_ERR_STREAM_LOCKED', streamId: opened.id });
    first.subscription.unsubscribe();
    const third = observe(opened.send([counting(3)]));
    await settle();
    expect(third).toMatchObject({ values: [3], isComplete: true });
  });

  it.each<[string, () => ObservableInput<Uint8Array>]>([
    [
      'a generator',
      function* () {
        yield counting(3);
        throw new Error('broken');
      },
    ],
    [
      'an async generator',
      async function* () {
        yield counting(3);
        throw new Error('broken');
      },
    ],
    [
      'an Observable',
      () =>
        concat(
          of(counting(3)),
          throwError(() => new Error('broken')),
        ),
    ],
    ['a Promise', () => Promise.reject(new Error('broken'))],
    ['a web stream', () => failingWebStream()],
  ])('aborts the stream when %s fails', async (_, makeSource) => {
    const { client, opened } = await linkedStreams();
    const sibling = client.open();
    const reader = observe(opened);
    const sending = observe(opened.send(makeSource()));
    await settle();
    const broken = new Error('broken');
    expect(sending.error).toStrictEqual(broken);
    expect(reader.error).toStrictEqual(broken);
    expect(observe(opened.closed$).values).toStrictEqual([{ cause: broken }]);
    expect(await lastValueFrom(sibling.send([counting(5)]))).toBe(5);
  });

  it('aborts the stream when the source yields something that is no bytes', async () => {
    const { opened } = await linkedStreams();
    const sending = observe(opened.send(['text'] as unknown as Uint8Array[]));
    await settle();
    expect(sending.error).toStrictEqual(new TypeError('a stream takes Uint8Array, got string'));
    expect(observe(opened.closed$).isComplete).toBe(true);
  });

  describe('of a stream that ends', () => {
    it.each<[string, (stream: SmuxStream) => void, string]>([
      ['completed', (stream) => stream.complete(), 'SMUX_ERR_STREAM_CLOSED'],
      ['closed', (stream) => stream.close(), 'SMUX_ERR_STREAM_CLOSED'],
      ['aborted', (stream) => stream.error(Object.assign(new Error(), { code: 'OWN' })), 'OWN'],
      ['of a session that is destroyed', (stream) => stream.session.destroy(), 'SMUX_ERR_SESSION_CLOSED'],
    ])('errors when it is %s, and lets the source return', async (_, end, code) => {
      for (const isBefore of [false, true]) {
        const { opened } = await linkedStreams({ version: 2 });
        let state = 'not pulled';
        function* endless() {
          try {
            state = 'pulled';
            for (;;) yield counting(10_000);
          } finally {
            state = 'returned';
          }
        }
        if (isBefore) end(opened);
        const sending = observe(opened.send(endless()));
        await settle();
        if (!isBefore) end(opened);
        expect(sending.error).toMatchObject({ code });
        expect(state).toBe(isBefore ? 'not pulled' : 'returned');
      }
    });

    it('errors when the link breaks', async () => {
      const { link, opened } = await linkedStreams({ version: 2 });
      const source = new Subject<Uint8Array>();
      const sending = observe(opened.send(source));
      link.break(new Error('cable'));
      await settle();
      expect(sending.error).toMatchObject({ code: 'SMUX_ERR_LINK_LOST' });
      expect(source.observed).toBe(false);
    });

    it('errors when the peer closes it with bytes of ours to come', async () => {
      const { opened, accepted } = await linkedStreams({ version: 2 });
      const sending = observe(opened.send(endlessly(counting(10_000))));
      await settle();
      accepted.complete();
      accepted.close(); // the second FIN
      await settle();
      expect(sending.error).toMatchObject({ code: 'SMUX_ERR_PEER_CLOSED' });
    });
  });
});

function* endlessly(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (;;) yield chunk;
}

function failingWebStream(): ObservableInput<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(counting(3)),
    pull: (controller) => controller.error(new Error('broken')),
  });
  return stream as unknown as AsyncIterable<Uint8Array>;
}
