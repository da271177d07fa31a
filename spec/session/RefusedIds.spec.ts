import { constants, PerformanceObserver } from 'node:perf_hooks';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { RefusedIds } from '../../lib/session/RefusedIds.js';
import { bytesInUse } from '../helpers/garbage.js';

describe('RefusedIds', () => {
  it('answers nothing for IDs that were not refused', () => {
    const refused = new RefusedIds();
    expect(refused.deservesAnswer(3)).toBe(false);
    refused.add(3);
    refused.flushed();
    expect(refused.deservesAnswer(5)).toBe(false);
  });

  it('answers at most once between two flushes, the refusal counted', () => {
    const refused = new RefusedIds();
    refused.add(3);
    expect(refused.deservesAnswer(3)).toBe(false); // its refusal has not left yet
    refused.flushed();
    expect([refused.deservesAnswer(3), refused.deservesAnswer(3)]).toStrictEqual([true, false]);
    refused.flushed();
    expect([refused.deservesAnswer(3), refused.deservesAnswer(3)]).toStrictEqual([true, false]);
  });

  it('answers for each ID on its own', () => {
    const refused = new RefusedIds();
    for (const id of [3, 5]) refused.add(id);
    refused.flushed();
    expect([3, 5, 3, 5].map((id) => refused.deservesAnswer(id))).toStrictEqual([true, true, false, false]);
  });

  it('remembers the last 1024', () => {
    const refused = new RefusedIds();
    for (let id = 1; id <= 1025; id++) refused.add(id);
    refused.flushed();
    expect(refused.deservesAnswer(1)).toBe(false);
    expect(refused.deservesAnswer(2)).toBe(true);
    expect(refused.deservesAnswer(1025)).toBe(true);
  });

  it('counts an ID that is refused again as new, and once', () => {
    const refused = new RefusedIds();
    for (let id = 1; id <= 1024; id++) refused.add(id);
    refused.add(1);
    refused.flushed();
    expect(refused.deservesAnswer(2)).toBe(true); // nothing was forgotten for it
    refused.add(2000);
    refused.flushed();
    expect(refused.deservesAnswer(2)).toBe(false); // now the oldest
    expect(refused.deservesAnswer(1)).toBe(true);
  });

  it('gives an ID that it has forgotten no answer, and a new refusal its own', () => {
    const refused = new RefusedIds();
    refused.add(1);
    for (let id = 2; id <= 1025; id++) refused.add(id);
    expect(refused.deservesAnswer(1)).toBe(false);
    refused.add(1);
    refused.flushed();
    expect(refused.deservesAnswer(1)).toBe(true);
  });

  it('says what two Sets would say, whatever is refused, asked and flushed', () => {
    // Few IDs, so that they meet again; neighbours, as peers give them out; any at all.
    const id = fc.oneof(
      fc.nat({ max: 40 }),
      fc.integer({ min: 0, max: 5000 }),
      fc.integer({ min: 0, max: 0xffffffff }),
    );
    const step = fc.oneof(
      fc.record({ refuse: id }),
      fc.record({ refuse: id, count: fc.integer({ min: 2, max: 3000 }), stride: fc.constantFrom(0, 1, 2, 4096) }),
      fc.record({ ask: id }),
      fc.constant('flush' as const),
    );
    let forgotten = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const refused = new RefusedIds();
        const sets = new RefusedInSets();
        const refusedOnce = new Set<number>();
        const disputed: number[] = [];
        const ask = (streamId: number) => {
          const agree =
            refused.isAnswering(streamId) === sets.isAnswering(streamId) &&
            refused.deservesAnswer(streamId) === sets.deservesAnswer(streamId);
          if (!agree) disputed.push(streamId);
        };
        for (const one of steps) {
          if (one === 'flush') {
            for (const ids of [refused, sets]) ids.flushed();
          } else if ('ask' in one) ask(one.ask);
          else {
            const { refuse, count, stride } = { count: 1, stride: 0, ...one };
            for (let at = 0; at < count; at++) {
              const streamId = (refuse + at * stride) >>> 0;
              for (const ids of [refused, sets]) ids.add(streamId);
              refusedOnce.add(streamId);
            }
          }
        }
        for (const streamId of refusedOnce) ask(streamId);
        expect(disputed).toStrictEqual([]);
        forgotten += refusedOnce.size - sets.size;
      }),
      { seed: 1, numRuns: 200 },
    );
    expect(forgotten).toBeGreaterThan(10_000);
  });

  it('makes no garbage of refusals without end', async () => {
    const refused = new RefusedIds();
    const refuse = (from: number, count: number) => {
      for (let id = from; id < from + count; id++) {
        if (!refused.isAnswering(id)) refused.add(id);
        refused.deservesAnswer(id);
        if (id % 100 === 0) refused.flushed();
      }
    };
    refuse(0, 200_000); // until it is compiled
    const kinds: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as Collection[]) kinds.push(entry.detail.kind);
    });
    observer.observe({ entryTypes: ['gc'] });

    refuse(200_000, 2_000_000);

    bytesInUse(); // a collection that is told of behind all others
    await vi.waitFor(() => expect(kinds).toContain(constants.NODE_PERFORMANCE_GC_MAJOR));
    observer.disconnect();
    const collections = kinds.filter((kind) => kind === constants.NODE_PERFORMANCE_GC_MINOR);
    expect(collections.length).toBeLessThanOrEqual(2);
  });
});

/** What `perf_hooks` tells of a collection of garbage. */
interface Collection {
  readonly detail: { readonly kind: number };
}

/** What it is to mean, in the plainest form. */
class RefusedInSets {
  readonly #ids = new Set<number>();
  readonly #answered = new Set<number>();

  get size(): number {
    return this.#ids.size;
  }

  add(streamId: number): void {
    this.#ids.delete(streamId);
    this.#ids.add(streamId);
    this.#answered.add(streamId);
    if (this.#ids.size <= 1024) return;
    const [oldest] = this.#ids as Iterable<number> as [number];
    this.#ids.delete(oldest);
    this.#answered.delete(oldest);
  }

  deservesAnswer(streamId: number): boolean {
    if (!this.#ids.has(streamId) || this.#answered.has(streamId)) return false;
    this.#answered.add(streamId);
    return true;
  }

  isAnswering(streamId: number): boolean {
    return this.#answered.has(streamId);
  }

  flushed(): void {
    this.#answered.clear();
  }
}
