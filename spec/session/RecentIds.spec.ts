import { constants, PerformanceObserver } from 'node:perf_hooks';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { RecentIds } from '../../lib/session/RecentIds.js';
import { bytesInUse } from '../helpers/garbage.js';

describe('RecentIds', () => {
  it('has nothing for IDs that were not noted', () => {
    const ids = new RecentIds();
    expect([0, 3, 0xffffffff].map((id) => ids.get(id))).toStrictEqual([0, 0, 0]);
    ids.set(3, 7);
    expect(ids.get(5)).toBe(0);
  });

  it('has what was noted last for each ID on its own', () => {
    const ids = new RecentIds();
    ids.set(3, 1);
    ids.set(5, 2);
    expect([3, 5].map((id) => ids.get(id))).toStrictEqual([1, 2]);
    ids.set(3, 4);
    expect([3, 5].map((id) => ids.get(id))).toStrictEqual([4, 2]);
  });

  it('remembers the last 2048 of a peer that counts up by two', () => {
    const ids = new RecentIds();
    for (let count = 0; count < 2049; count++) ids.set(3 + 2 * count, 1);
    expect([3, 5, 3 + 2 * 2048].map((id) => ids.get(id))).toStrictEqual([0, 1, 1]);
  });

  it('forgets an ID for another one, and knows it again when it is noted anew', () => {
    const ids = new RecentIds();
    for (const id of [1, 4097]) ids.set(id, 1);
    expect([1, 4097].map((id) => ids.get(id))).toStrictEqual([0, 1]);
    ids.set(1, 2);
    expect([1, 4097].map((id) => ids.get(id))).toStrictEqual([2, 0]);
  });

  it('takes every ID there may be, 0 and the last one included, and counts beyond 2^32', () => {
    const ids = new RecentIds();
    for (const id of [0, 0xffffffff]) {
      ids.set(id, 2 ** 40 + 1);
      expect(ids.get(id)).toBe(2 ** 40 + 1);
    }
  });

  it('says of the last 1024 what a Map would say, whatever is noted and noted again', () => {
    const step = fc.oneof(
      fc.record({ count: fc.integer({ min: 1, max: 3000 }) }),
      fc.record({ again: fc.nat({ max: 1023 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff0000 }), fc.array(step, { maxLength: 60 }), (first, steps) => {
        const ids = new RecentIds();
        const model = new Map<number, number>();
        let next = first;
        let value = 0;
        const note = (id: number) => {
          value++;
          for (const notes of [ids, model]) notes.set(id, value);
        };
        for (const one of steps) {
          if ('again' in one) note((next - 2 * one.again) >>> 0);
          else {
            for (let count = 0; count < one.count; count++) {
              next = (next + 2) >>> 0;
              note(next);
            }
          }
        }
        for (let back = 0; back < 1024; back++) {
          const id = (next - 2 * back) >>> 0;
          expect(ids.get(id)).toBe(model.get(id) ?? 0);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('makes no garbage of refusals without end', async () => {
    const ids = new RecentIds();
    const refuse = (from: number, count: number) => {
      for (let id = from; id < from + count; id++) if (ids.get(id) === 0) ids.set(id, id);
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
