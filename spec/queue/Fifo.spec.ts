import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fifo } from '../../lib/queue/Fifo.js';

describe('Fifo', () => {
  it('has nothing to begin with', () => {
    const fifo = new Fifo<number>();
    expect(fifo.size).toBe(0);
    expect(fifo.peek()).toBeUndefined();
    expect(fifo.shift()).toBeUndefined();
    expect([...fifo]).toStrictEqual([]);
  });

  it('gives items back in the order of their coming', () => {
    const fifo = new Fifo<string>();
    for (const item of ['a', 'b', 'c']) fifo.push(item);
    expect([fifo.shift(), fifo.shift()]).toStrictEqual(['a', 'b']);
    fifo.push('d');
    expect([fifo.shift(), fifo.shift(), fifo.shift()]).toStrictEqual(['c', 'd', undefined]);
  });

  it('peeks without taking', () => {
    const fifo = new Fifo<string>();
    fifo.push('a');
    expect(fifo.peek()).toBe('a');
    expect(fifo.size).toBe(1);
  });

  it('puts another item where the first one is', () => {
    const fifo = new Fifo<string>();
    for (const item of ['a', 'b']) fifo.push(item);
    fifo.replaceHead('A');
    expect([...fifo]).toStrictEqual(['A', 'b']);
    expect(fifo.size).toBe(2);
  });

  it('behaves as an array, whatever is done to it', () => {
    const anyActions = fc.array(
      fc.oneof(
        fc.record({ push: fc.integer({ min: 1, max: 100 }) }),
        fc.record({ shift: fc.integer({ min: 1, max: 100 }) }),
        fc.constant({ replace: true } as const),
      ),
    );
    fc.assert(
      fc.property(anyActions, (actions) => {
        const fifo = new Fifo<number>();
        let model: number[] = [];
        let next = 1;
        for (const action of actions) {
          if ('push' in action) {
            for (let count = action.push; count > 0; count--) {
              model.push(next);
              fifo.push(next++);
            }
          } else if ('shift' in action) {
            for (let count = action.shift; count > 0; count--) expect(fifo.shift()).toBe(model.shift());
          } else if (model.length > 0) {
            model = [-next, ...model.slice(1)];
            fifo.replaceHead(-next);
          }
          expect(fifo.size).toBe(model.length);
          expect(fifo.peek()).toBe(model[0]);
        }
        expect([...fifo]).toStrictEqual(model);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('shifts a million items in about the time that it pushes them', () => {
    const fifo = new Fifo<number>();
    let sum = 0;
    for (let item = 1; item <= 1_000_000; item++) fifo.push(item);
    // A shift whose cost grew with the length would take minutes here.
    for (let item = fifo.shift(); item !== undefined; item = fifo.shift()) sum += item;
    expect(sum).toBe(500_000_500_000);
    expect(fifo.size).toBe(0);
  });
});
