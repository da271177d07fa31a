import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoundRobin } from '../../lib/outbound/RoundRobin.js';

interface Item {
  readonly key: number;
  readonly size: number;
  readonly name?: string;
}

/** Bytes that a turn is worth. */
const TURN = 16_384;
const LARGEST = 65_543;

describe('RoundRobin', () => {
  it('has nothing to begin with, and nothing again after its last item', () => {
    const robin = roundRobin();
    expect([robin.size, robin.shift()]).toStrictEqual([0, undefined]);
    robin.push({ key: 1, size: 10 });
    expect(robin.size).toBe(1);
    expect(robin.shift()).toStrictEqual({ key: 1, size: 10 });
    expect([robin.size, robin.shift()]).toStrictEqual([0, undefined]);
    robin.push({ key: 1, size: 20 });
    expect(robin.shift()).toStrictEqual({ key: 1, size: 20 });
  });

  it('lets keys take turns in the order of their coming, and forgets those that are done', () => {
    const robin = roundRobin();
    for (const key of [10, 20, 30, 20]) robin.push({ key, size: TURN });
    expect(keysOf(robin, 4)).toStrictEqual([10, 20, 30, 20]);
    expect(robin.shift()).toBeUndefined();
  });

  it('puts a key that comes back behind those that wait', () => {
    const robin = roundRobin();
    for (const key of [10, 20, 20, 30]) robin.push({ key, size: TURN });
    expect(keysOf(robin, 1)).toStrictEqual([10]);
    robin.push({ key: 10, size: TURN });
    expect(keysOf(robin, 4)).toStrictEqual([20, 30, 10, 20]);
  });

  it('counts a turn in bytes: small items of a key go together', () => {
    const robin = roundRobin();
    for (let count = 0; count < 8; count++) robin.push({ key: 1, size: TURN / 4 });
    for (let count = 0; count < 2; count++) robin.push({ key: 2, size: TURN });
    expect(keysOf(robin, 10)).toStrictEqual([1, 1, 1, 1, 2, 1, 1, 1, 1, 2]);
  });

  it('saves up turns for an item that is larger than one', () => {
    const robin = roundRobin();
    robin.push({ key: 1, size: 3 * TURN });
    for (let count = 0; count < 4; count++) robin.push({ key: 2, size: TURN });
    expect(keysOf(robin, 5)).toStrictEqual([2, 2, 1, 2, 2]);
  });

  it('saves nothing up for a key that has nothing waiting', () => {
    const robin = roundRobin();
    // Turns pass while key 1 uses up little of its own: none of the rest may be left when it comes back.
    for (let round = 0; round < 20; round++) {
      robin.push({ key: 1, size: 1 });
      robin.push({ key: 2, size: TURN });
      keysOf(robin, 2);
    }
    for (let count = 0; count < 4; count++) robin.push({ key: 1, size: TURN });
    for (let count = 0; count < 4; count++) robin.push({ key: 2, size: TURN });
    expect(keysOf(robin, 8)).toStrictEqual([1, 2, 1, 2, 1, 2, 1, 2]);
  });

  it('gives weighted turns', () => {
    const robin = roundRobin((key) => key);
    for (const key of [1, 3]) for (let count = 0; count < 6; count++) robin.push({ key, size: TURN });
    expect(keysOf(robin, 8)).toStrictEqual([1, 3, 3, 3, 1, 3, 3, 3]);
  });

  it('asks for the weight at each turn', () => {
    let weight = 1;
    const robin = roundRobin((key) => (key === 1 ? weight : 1));
    for (const key of [1, 2]) for (let count = 0; count < 6; count++) robin.push({ key, size: TURN });
    expect(keysOf(robin, 2)).toStrictEqual([1, 2]);
    weight = 3;
    expect(keysOf(robin, 4)).toStrictEqual([1, 1, 1, 2]);
    weight = 1.5;
    expect(keysOf(robin, 4)).toStrictEqual([1, 2, 1, 2]);
  });

  it.each([0, 0.5, -1, Number.NaN])('refuses a weight of %d, with which turns would go round for ever', (weight) => {
    const robin = roundRobin(() => weight);
    robin.push({ key: 1, size: 100 });
    expect(() => robin.shift()).toThrow(new RangeError(`a weight must be at least 1, got ${weight}`));
  });

  describe('told to drop a key', () => {
    it('throws away what waits for it, and nothing else', () => {
      const robin = roundRobin();
      for (const key of [1, 2, 1, 3]) robin.push({ key, size: TURN });
      robin.drop(1);
      expect(robin.size).toBe(2);
      expect(keysOf(robin, 3)).toStrictEqual([2, 3, undefined]);
    });

    it('minds neither a key that it does not know nor one that it has dropped', () => {
      const robin = roundRobin();
      robin.push({ key: 1, size: TURN });
      robin.drop(7);
      expect(robin.size).toBe(1);
      robin.drop(1);
      robin.drop(1);
      expect([robin.size, robin.shift()]).toStrictEqual([0, undefined]);
    });

    it('takes what comes for it later', () => {
      const robin = roundRobin();
      for (const key of [1, 2]) robin.push({ key, size: TURN, name: 'old' });
      robin.drop(1);
      robin.push({ key: 1, size: TURN, name: 'new' });
      expect(robin.size).toBe(2);
      expect([robin.shift(), robin.shift()]).toStrictEqual([
        { key: 2, size: TURN, name: 'old' },
        { key: 1, size: TURN, name: 'new' }, // behind those that wait, as what comes for any key
      ]);
      expect([robin.size, robin.shift()]).toStrictEqual([0, undefined]);
    });

    it('gives it no turn too many, however often it comes and goes', () => {
      const robin = roundRobin();
      for (let count = 0; count < 4; count++) robin.push({ key: 2, size: TURN });
      for (let round = 0; round < 1000; round++) {
        robin.push({ key: 1, size: TURN });
        robin.drop(1);
      }
      for (let count = 0; count < 4; count++) robin.push({ key: 1, size: TURN });
      expect(keysOf(robin, 8)).toStrictEqual([2, 1, 2, 1, 2, 1, 2, 1]);
    });

    it('drops a key that is having its turn', () => {
      const robin = roundRobin();
      for (let count = 0; count < 4; count++) robin.push({ key: 1, size: TURN / 4 });
      robin.push({ key: 2, size: TURN });
      expect(keysOf(robin, 1)).toStrictEqual([1]);
      robin.drop(1);
      expect(keysOf(robin, 2)).toStrictEqual([2, undefined]);
    });
  });

  it('keeps the order within a key and loses nothing, whatever happens', () => {
    const anyStep = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ push: fc.integer({ min: 1, max: 5 }), size: fc.integer({ min: 8, max: LARGEST }) }),
      },
      { weight: 5, arbitrary: fc.constant({ shift: true } as const) },
      { weight: 1, arbitrary: fc.record({ drop: fc.integer({ min: 1, max: 5 }) }) },
    );
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 100 }), (steps) => {
        const robin = roundRobin((key) => key);
        const model = new Map<number, Item[]>();
        const take = () => {
          const item = robin.shift();
          if (item === undefined) expect([...model.values()].flat()).toStrictEqual([]);
          else expect(item).toBe(model.get(item.key)?.shift());
          return item;
        };
        steps.forEach((step, at) => {
          if ('push' in step) {
            const item = { key: step.push, size: step.size, name: `${at}` };
            robin.push(item);
            model.set(step.push, [...(model.get(step.push) ?? []), item]);
          } else if ('drop' in step) {
            robin.drop(step.drop);
            model.delete(step.drop);
          } else take();
          expect(robin.size).toBe([...model.values()].flat().length);
        });
        while (take() !== undefined);
        expect(robin.size).toBe(0);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('never lets keys that always have something drift apart by more than a turn and two items', () => {
    const anySizes = fc.array(fc.integer({ min: 8, max: LARGEST }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(anySizes, { minLength: 2, maxLength: 5 }), (sizesOfKeys) => {
        const served = serveBacklogged(sizesOfKeys, { total: 2_000_000 });
        for (const bytes of served.steps) {
          expect(Math.max(...bytes) - Math.min(...bytes)).toBeLessThanOrEqual(TURN + 2 * LARGEST);
        }
        expect(Math.max(...served.bytes) / Math.min(...served.bytes)).toBeLessThan(2);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it.each([
    ['64 bytes against 64 KiB', [72], [LARGEST]],
    ['a little more than a turn against a turn', [TURN + 1], [TURN]],
    ['large and small in turns against large', [LARGEST, 8], [LARGEST]],
    ['32 KiB against 1400 bytes', [32_776], [1408]],
  ])('shares evenly where frames differ: %s', (_, one, other) => {
    const [a = 0, b = 0] = serveBacklogged([one, other], { total: 8_000_000 }).bytes;
    expect(a / b).toBeGreaterThan(0.95);
    expect(a / b).toBeLessThan(1.05);
  });

  it('gives a key whose next item comes only when the last one has gone at least half a share', () => {
    const robin = roundRobin();
    const bytes = [0, 0];
    robin.push({ key: 0, size: TURN + 1 }); // the worst size: two turns for little more than one
    for (let count = 0; count < 10; count++) robin.push({ key: 1, size: 32_776 });
    for (let count = 0; count < 2000; count++) {
      const item = robin.shift() as Item;
      bytes[item.key] = (bytes[item.key] ?? 0) + item.size;
      robin.push(item);
    }
    expect((bytes[1] ?? 0) / (bytes[0] ?? 0)).toBeLessThan(2.01);
  });

  it('shares by weight', () => {
    const weights = [1, 2, 4, 2.5];
    const sizes = [[LARGEST], [1408], [72, 40_000], [32_776]];
    const { bytes } = serveBacklogged(sizes, { total: 20_000_000, weight: (key) => weights[key] ?? 1 });
    const shares = bytes.map((size, key) => size / (weights[key] ?? 1));
    expect(Math.max(...shares) / Math.min(...shares)).toBeLessThan(1.05);
  });
});

function roundRobin(weight: (key: number) => number = () => 1): RoundRobin<Item> {
  return new RoundRobin({ key: ({ key }) => key, size: ({ size }) => size, weight });
}

function keysOf(robin: RoundRobin<Item>, count: number): (number | undefined)[] {
  return Array.from({ length: count }, () => robin.shift()?.key);
}

/** Serves keys that always have something waiting; sizes of items come round and round. */
function serveBacklogged(
  sizesOfKeys: readonly (readonly number[])[],
  { total, weight }: { readonly total: number; readonly weight?: (key: number) => number },
) {
  const robin = roundRobin(weight);
  const pushed = sizesOfKeys.map(() => 0);
  const bytes = sizesOfKeys.map(() => 0);
  const steps: number[][] = [];
  const push = (key: number) => {
    const sizes = sizesOfKeys[key] ?? [];
    const at = pushed[key] ?? 0;
    pushed[key] = at + 1;
    robin.push({ key, size: sizes[at % sizes.length] ?? 8 });
  };
  // Enough to fill the longest turn: one item more comes for each that goes.
  for (const key of sizesOfKeys.keys()) for (let count = 0; count < 10_000; count++) push(key);
  for (let sum = 0; sum < total; ) {
    const { key, size } = robin.shift() as Item;
    bytes[key] = (bytes[key] ?? 0) + size;
    sum += size;
    push(key);
    if (steps.length < 2000) steps.push([...bytes]);
  }
  return { bytes, steps };
}
