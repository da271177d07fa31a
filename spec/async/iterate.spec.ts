import { describe, expect, it } from 'vitest';
import { counting, join, sizeOf } from '../helpers/bytes.js';
import { observe } from '../helpers/observe.js';
import { linkedStreams, settle, tidyUp } from './linkedStreams.js';

describe('async iteration of a stream', () => {
  tidyUp();

  it('yields every byte and ends with the stream', async () => {
    const { opened, accepted } = await linkedStreams();
    opened.send([counting(100), counting(70_000, 100), counting(5)]).subscribe();
    const chunks: Uint8Array[] = [];
    for await (const chunk of accepted) chunks.push(chunk);
    expect(join(chunks)).toStrictEqual(join([counting(100), counting(70_000, 100), counting(5)]));
  });

  it('yields what had arrived before anybody read', async () => {
    const { opened, accepted } = await linkedStreams();
    opened.next(counting(10));
    opened.complete();
    await settle();
    const chunks: Uint8Array[] = [];
    for await (const chunk of accepted) chunks.push(chunk);
    expect(join(chunks)).toStrictEqual(counting(10));
  });

  it('counts a chunk as consumed at the following pull, not before', async () => {
    const { opened, accepted } = await linkedStreams();
    const iterator = accepted[Symbol.asyncIterator]();
    const pulled = iterator.next();
    opened.next(counting(10));
    expect(await pulled).toStrictEqual({ done: false, value: counting(10) });
    await settle();
    expect(accepted.stats).toMatchObject({ consumed: 0, unread: 0 });
    const next = iterator.next();
    expect(accepted.stats.consumed).toBe(10);
    opened.complete();
    expect(await next).toStrictEqual({ done: true, value: undefined });
  });

  it('takes one chunk a pull: what nobody has asked for waits', async () => {
    const { opened, accepted } = await linkedStreams();
    opened.next(counting(5000));
    await settle();
    opened.next(counting(5000));
    await settle();
    const iterator = accepted[Symbol.asyncIterator]();
    await iterator.next();
    await settle();
    expect(accepted.stats).toMatchObject({ received: 10_000, unread: 5000 });
  });

  it('keeps the peer waiting while the body of a loop is at work', async () => {
    const { opened, accepted } = await linkedStreams({ version: 2 });
    const iterator = accepted[Symbol.asyncIterator]();
    function* endless() {
      for (;;) yield counting(10_000);
    }
    const sending = opened.send(endless()).subscribe();
    await iterator.next();
    await settle(100);
    expect(accepted.stats.received).toBe(262_144);
    for (let count = 0; count < 14; count++) await iterator.next(); // half a window
    await settle(100);
    expect(accepted.stats.received).toBeGreaterThan(262_144);
    sending.unsubscribe();
  });

  it('leaves the rest for the next consumer at `break`', async () => {
    const { opened, accepted } = await linkedStreams();
    opened.next(counting(5000));
    await settle();
    opened.next(counting(3000));
    await settle();
    for await (const chunk of accepted) {
      expect(chunk).toHaveLength(5000);
      break;
    }
    expect(accepted.stats).toMatchObject({ consumed: 5000, unread: 3000 });
    const rest = observe(accepted);
    expect(sizeOf(rest.values)).toBe(3000);
  });

  it('serves pulls in the order of their coming', async () => {
    const { opened, accepted } = await linkedStreams();
    const iterator = accepted[Symbol.asyncIterator]();
    const pulls = [iterator.next(), iterator.next(), iterator.next()];
    for (const from of [1, 2, 3]) {
      opened.next(counting(1, from));
      await settle();
    }
    const values = (await Promise.all(pulls)).map(({ value }) => [...(value as Uint8Array)]);
    expect(values).toStrictEqual([[1], [2], [3]]);
  });

  it('locks the stream at the first pull, not before', async () => {
    const { opened, accepted } = await linkedStreams();
    const iterator = accepted[Symbol.asyncIterator]();
    const reader = observe(accepted);
    expect(reader.error).toBeUndefined();
    reader.subscription.unsubscribe();
    const pull = iterator.next();
    expect(observe(accepted).error).toMatchObject({ code: 'SMUX_ERR_STREAM_LOCKED' });
    opened.complete();
    expect((await pull).done).toBe(true);
  });

  it('rejects the first pull of a stream that somebody reads, and then has ended', async () => {
    const { accepted } = await linkedStreams();
    observe(accepted);
    const iterator = accepted[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toMatchObject({ code: 'SMUX_ERR_STREAM_LOCKED' });
    expect(await iterator.next()).toStrictEqual({ done: true, value: undefined });
  });

  it('rejects the first of the waiting pulls when the link breaks, behind what has arrived', async () => {
    const { link, opened, accepted } = await linkedStreams();
    const iterator = accepted[Symbol.asyncIterator]();
    opened.next(counting(4));
    const pulls = [iterator.next(), iterator.next(), iterator.next()];
    const settled = Promise.allSettled(pulls);
    await pulls[0];
    link.break(new Error('cable'));
    const [first, second, third] = await settled;
    expect(first).toStrictEqual({ status: 'fulfilled', value: { done: false, value: counting(4) } });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'SMUX_ERR_LINK_LOST' } });
    expect(third).toStrictEqual({ status: 'fulfilled', value: { done: true, value: undefined } });
    expect(await iterator.next()).toStrictEqual({ done: true, value: undefined });
  });

  it('rejects the next pull where nobody was pulling when the link broke, and nothing before', async () => {
    const { link, opened, accepted } = await linkedStreams();
    const iterator = accepted[Symbol.asyncIterator]();
    opened.next(counting(4));
    await iterator.next();
    link.break(new Error('cable'));
    await settle();
    await expect(iterator.next()).rejects.toMatchObject({ code: 'SMUX_ERR_LINK_LOST' });
    expect((await iterator.next()).done).toBe(true);
  });

  it('throws the cause into a `for await`', async () => {
    const { accepted, client } = await linkedStreams();
    const reading = (async () => {
      for await (const _ of accepted);
    })();
    client.destroy();
    await expect(reading).rejects.toMatchObject({ name: 'SessionError' });
  });

  describe('told to return', () => {
    it('ends waiting pulls, and unlocks the stream', async () => {
      const { opened, accepted } = await linkedStreams();
      const iterator = accepted[Symbol.asyncIterator]();
      const pull = iterator.next();
      expect(await iterator.return?.()).toStrictEqual({ done: true, value: undefined });
      expect(await pull).toStrictEqual({ done: true, value: undefined });
      const next = observe(accepted);
      opened.next(counting(3));
      await settle();
      expect(next.values).toStrictEqual([counting(3)]);
    });

    it('before its first pull has ended, and leaves the stream alone', async () => {
      const { opened, accepted } = await linkedStreams();
      const iterator = accepted[Symbol.asyncIterator]();
      await iterator.return?.();
      expect((await iterator.next()).done).toBe(true);
      opened.next(counting(3));
      await settle();
      expect(observe(accepted).values).toStrictEqual([counting(3)]);
    });
  });

  it('is its own iterable', async () => {
    const { accepted } = await linkedStreams();
    const iterator = accepted[Symbol.asyncIterator]();
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
  });
});
