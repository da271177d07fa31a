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

  it('remembers the last 2048 of a peer that counts up by two', () => {
    const refused = new RefusedIds();
    for (let count = 0; count < 2049; count++) refused.add(3 + 2 * count);
    refused.flushed();
    expect([3, 5, 3 + 2 * 2048].map((id) => refused.deservesAnswer(id))).toStrictEqual([false, true, true]);
  });

  it('gives an ID that it has forgotten no answer, and a new refusal its own', () => {
    const refused = new RefusedIds();
    for (const id of [1, 4097]) refused.add(id);
    refused.flushed();
    expect(refused.deservesAnswer(1)).toBe(false);
    refused.add(1);
    refused.flushed();
    expect([1, 4097].map((id) => refused.deservesAnswer(id))).toStrictEqual([true, false]);
  });

  it('knows every ID there may be, 0 and the last one included', () => {
    const refused = new RefusedIds();
    for (const id of [0, 0xffffffff]) {
      expect(refused.isAnswering(id)).toBe(false);
      refused.add(id);
      expect(refused.isAnswering(id)).toBe(true);
      refused.flushed();
      expect(refused.deservesAnswer(id)).toBe(true);
    }
  });

  it('says of the last 1024 what two Sets would say, whatever is refused, refused again, asked and flushed', () => {
    const again = fc.nat({ max: 1023 });
    const step = fc.oneof(
      fc.record({ refuse: fc.integer({ min: 1, max: 3000 }) }),
      fc.record({ again }),
      fc.record({ ask: again }),
      fc.constant('flush' as const),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff0000 }), fc.array(step, { maxLength: 60 }), (first, steps) => {
        const refused = new RefusedIds();
        const sets = new RefusedInSets();
        let next = first;
        const ask = (streamId: number) => {
          if (!sets.has(streamId)) return;
          expect(refused.isAnswering(streamId)).toBe(sets.isAnswering(streamId));
          expect(refused.deservesAnswer(streamId)).toBe(sets.deservesAnswer(streamId));
        };
        for (const one of steps) {
          if (one === 'flush') {
            for (const ids of [refused, sets]) ids.flushed();
          } else if ('ask' in one) ask(next - 2 * one.ask);
          else if ('again' in one) {
            if (!sets.has(next - 2 * one.again)) continue;
            for (const ids of [refused, sets]) ids.add(next - 2 * one.again);
          } else {
            for (let count = 0; count < one.refuse; count++) {
              next = (next + 2) >>> 0;
              for (const ids of [refused, sets]) ids.add(next);
            }
          }
        }
        for (const streamId of sets.all) ask(streamId);
      }),
      { seed: 1, numRuns: 200 },
    );
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

  get all(): readonly number[] {
    return [...this.#ids];
  }

  has(streamId: number): boolean {
    return this.#ids.has(streamId);
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
