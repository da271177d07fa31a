import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteQueue } from '../../lib/queue/ByteQueue.js';
import { counting, join, toHex } from '../helpers/bytes.js';

describe('ByteQueue', () => {
  it('has nothing to begin with', () => {
    const queue = new ByteQueue();
    expect(queue.size).toBe(0);
    expect(queue.shift(Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  it('gives nothing for a limit of nothing, or less', () => {
    const queue = new ByteQueue();
    queue.push(counting(3));
    expect(queue.shift(0)).toBeUndefined();
    expect(queue.shift(-1)).toBeUndefined();
    expect(queue.shift(Number.NEGATIVE_INFINITY)).toBeUndefined();
    expect(queue.size).toBe(3);
  });

  it('takes no notice of empty chunks', () => {
    const queue = new ByteQueue();
    queue.push(new Uint8Array(0));
    expect(queue.size).toBe(0);
    expect(queue.shift(1)).toBeUndefined();
  });

  it('splits a chunk that is longer than the limit', () => {
    const queue = new ByteQueue();
    queue.push(counting(5000));
    expect(queue.shift(2)).toStrictEqual(counting(2));
    expect(queue.size).toBe(4998);
    expect(queue.shift(Number.POSITIVE_INFINITY)).toStrictEqual(counting(4998, 2));
  });

  it('keeps order where small and large chunks alternate', () => {
    const queue = new ByteQueue();
    const chunks = [1, 3000, 2, 3, 4000, 5, 2049, 2048].map((size, at) => counting(size, at));
    for (const chunk of chunks) queue.push(chunk);
    expect(join(drain(queue))).toStrictEqual(join(chunks));
  });

  it('is a queue of bytes, whatever is pushed and taken', () => {
    const anySize = fc.oneof(
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 2000, max: 2100 }),
      fc.constant(40_000),
    );
    const anyLimit = fc.oneof(anySize, fc.constantFrom(-1, Number.POSITIVE_INFINITY));
    const anyActions = fc.array(fc.oneof(fc.record({ push: anySize }), fc.record({ limit: anyLimit })));
    fc.assert(
      fc.property(anyActions, (actions) => {
        const queue = new ByteQueue();
        const given: { chunk: Uint8Array; copy: string }[] = [];
        let pushed = 0;
        let taken = 0;
        for (const action of actions) {
          if ('push' in action) {
            queue.push(counting(action.push, pushed));
            pushed += action.push;
          } else {
            const chunk = queue.shift(action.limit);
            if (chunk === undefined) expect(action.limit <= 0 || pushed === taken).toBe(true);
            else {
              expect(chunk.length).toBeGreaterThan(0);
              expect(chunk.length).toBeLessThanOrEqual(action.limit);
              expect(toHex(chunk)).toBe(toHex(counting(chunk.length, taken)));
              given.push({ chunk, copy: toHex(chunk) });
              taken += chunk.length;
            }
          }
          expect(queue.size).toBe(pushed - taken);
        }
        for (const { chunk, copy } of given) expect(toHex(chunk)).toBe(copy); // never overwritten
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('gathers a million chunks of one byte in few objects', () => {
    const queue = new ByteQueue();
    for (let at = 0; at < 1_000_000; at++) queue.push(counting1[at % 256] as Uint8Array);
    const chunks = drain(queue);
    expect(chunks.length).toBeLessThan(100);
    expect(bufferSizes(chunks)).toBeLessThan(1_100_000);
    expect(toHex(join(chunks))).toBe(toHex(counting(1_000_000)));
  });

  it('does not overwrite bytes that it handed out from a block with what comes later', () => {
    const queue = new ByteQueue();
    queue.push(counting(10));
    const first = queue.shift(Number.POSITIVE_INFINITY) as Uint8Array;
    queue.push(counting(10, 100));
    queue.push(counting(10, 200));
    expect(first).toStrictEqual(counting(10));
    expect(join(drain(queue))).toStrictEqual(join([counting(10, 100), counting(10, 200)]));
  });

  it('copies small chunks: what their owner does with the buffer later changes nothing', () => {
    const queue = new ByteQueue();
    const chunk = counting(2048);
    queue.push(chunk);
    chunk.fill(0);
    expect(queue.shift(Number.POSITIVE_INFINITY)).toStrictEqual(counting(2048));
  });

  it('keeps a large chunk as it is', () => {
    const queue = new ByteQueue();
    const chunk = counting(2049);
    queue.push(chunk);
    expect(queue.shift(Number.POSITIVE_INFINITY)).toBe(chunk);
  });

  it.each([
    ['small', (bytes: Uint8Array) => bytes.subarray(7, 8)],
    ['larger', (bytes: Uint8Array) => bytes.subarray(7, 3000)],
    ['Buffer', (bytes: Uint8Array) => Buffer.from(bytes.buffer, 7, 3000)],
  ])('does not keep a big buffer alive for a %s view of it', (_, viewOf) => {
    const queue = new ByteQueue();
    const view = viewOf(counting(65_536));
    queue.push(view);
    const [chunk] = drain(queue);
    expect(chunk?.buffer).not.toBe(view.buffer);
    expect(chunk?.buffer.byteLength).toBeLessThanOrEqual(Math.max(512, 2 * view.length));
    expect(toHex(chunk as Uint8Array)).toBe(toHex(view));
  });

  it('does not keep a big buffer alive for the rest of a chunk that was split', () => {
    const queue = new ByteQueue();
    const chunk = counting(65_536);
    queue.push(chunk);
    queue.shift(65_535);
    const rest = queue.shift(Number.POSITIVE_INFINITY);
    expect(rest).toStrictEqual(counting(1, 65_535));
    expect(rest?.buffer.byteLength).toBe(1);
  });

  it('copies little when a large chunk is taken in small bites', () => {
    const queue = new ByteQueue();
    queue.push(counting(65_536));
    const bites: Uint8Array[] = [];
    for (let bite = queue.shift(16); bite; bite = queue.shift(16)) bites.push(bite);
    expect(join(bites)).toStrictEqual(counting(65_536));
    // Each copy holds an eighth of the one before.
    expect(new Set(bites.map(({ buffer }) => buffer)).size).toBeLessThan(6);
  });
});

const counting1 = Array.from({ length: 256 }, (_, value) => Uint8Array.of(value));

function drain(queue: ByteQueue): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let chunk = queue.shift(Number.POSITIVE_INFINITY); chunk; chunk = queue.shift(Number.POSITIVE_INFINITY)) {
    chunks.push(chunk);
  }
  return chunks;
}

/** Of all the memory that the chunks keep alive. */
function bufferSizes(chunks: readonly Uint8Array[]): number {
  const buffers = new Set(chunks.map(({ buffer }) => buffer));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
