import fc from 'fast-check';
import { from, of, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type FairQueueOptions, fairQueue } from '../../lib/outbound/fairQueue.js';
import * as kit from '../../lib/testing/index.js';
import { frameSize } from '../../lib/wire/encodeFrames.js';
import { Command, type Frame } from '../../lib/wire/frame.js';
import { marbles } from '../helpers/marbles.js';

/** Payload that makes a frame as large as one turn. */
const TURN = 16_384 - 8;

describe('fairQueue', () => {
  it(
    'serves control frames first, then streams in turn',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -(aab)-c--|          ', frames);
      const demand = hot('  ------------d---     ');
      const expected = '    ------------(x|)     ';
      const sourceSubs = '  ^---------!          ';
      const demandSubs = '  ^-----------!        ';
      const { a, b, c } = frames;

      expectObservable(source.pipe(fairQueue({ demand$: demand, isControl }))).toBe(expected, { x: [c, a, b, a] });
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(demand.subscriptions).toBe(demandSubs);
    }),
  );

  it(
    'serves nothing of an empty source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Frame>(' --|');
      const demand = cold('        -d---');
      const drop = cold<number>('  -----');
      const subs = '               ^-!';
      const expected = '           --|';

      expectObservable(source.pipe(fairQueue({ demand$: demand, drop$: drop }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(demand.subscriptions).toBe(subs);
      expectSubscriptions(drop.subscriptions).toBe(subs);
    }),
  );

  it(
    'waits for a source that never emits',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Frame>(' ------');
      const demand = cold('        -d--d-');
      const subs = '               ^-----';
      const expected = '           ------';

      expectObservable(source.pipe(fairQueue({ demand$: demand }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'serves a frame when it is demanded, not before',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' --a-----|', frames);
      const demand = hot(' -----d--');
      const subs = '       ^-------!';
      const expected = '   -----x--|';

      expectObservable(source.pipe(fairQueue({ demand$: demand }))).toBe(expected, { x: [frames.a] });
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'remembers one demand of an empty queue',
    marbles(({ hot, expectObservable }) => {
      const source = hot(' -----a--b-----', frames);
      const demand = hot(' -d-d-------d--');
      const expected = '   -----x-----y--';

      expectObservable(source.pipe(fairQueue({ demand$: demand }))).toBe(expected, { x: [frames.a], y: [frames.b] });
    }),
  );

  it(
    'serves what waits after the source has completed',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -(ab)-|', frames);
      const demand = hot(' ---------d--d--d');
      const expected = '   ---------x--(y|)';

      expectObservable(source.pipe(fairQueue({ demand$: demand, batchSize: 1 }))).toBe(expected, {
        x: [frames.a],
        y: [frames.b],
      });
      expectSubscriptions(source.subscriptions).toBe(' ^-----!');
      expectSubscriptions(demand.subscriptions).toBe(' ^-----------!');
    }),
  );

  it(
    'does not hold an error of the source back',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -(ab)-#', frames);
      const demand = hot(' -----------d');
      const subs = '       ^-----!';
      const expected = '   ------#';

      expectObservable(source.pipe(fairQueue({ demand$: demand }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(demand.subscriptions).toBe(subs);
    }),
  );

  it.each(['demand$', 'drop$'] as const)('passes an error of `%s` on', (failing) => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('        -a---a', frames);
      const broken = hot<number>(' ---#');
      const other = hot<number>('  ------');
      const subs = '              ^--!';
      const expected = '          ---#';

      const options = { demand$: other, drop$: other, [failing]: broken };
      expectObservable(source.pipe(fairQueue(options))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(broken.subscriptions).toBe(subs);
      expectSubscriptions(other.subscriptions).toBe(subs);
    })();
  });

  it(
    'lets go of everything when it is unsubscribed',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('       -a--b--a', frames);
      const demand = hot('       --d---d-');
      const drop = hot<number>(' --------');
      const subs = '             ^---!';
      const unsub = '            ----!';
      const expected = '         --x--';

      expectObservable(source.pipe(fairQueue({ demand$: demand, drop$: drop })), unsub).toBe(expected, {
        x: [frames.a],
      });
      for (const { subscriptions } of [source, demand, drop]) expectSubscriptions(subscriptions).toBe(subs);
    }),
  );

  it(
    'queues anew for each subscription',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                  -ab-----|', frames);
      const demand = cold('                  ------d---');
      const result = source.pipe(fairQueue({ demand$: demand }));
      const batches = { x: [frames.a, frames.b] };

      expectObservable(result).toBe('        ------x-|', batches);
      expectObservable(result, '---^').toBe('---------x-|', batches);
      expectSubscriptions(source.subscriptions).toBe(['^-------!', '---^-------!']);
      expectSubscriptions(demand.subscriptions).toBe(['^-------!', '---^-------!']);
    }),
  );

  it('takes a synchronous source in before it serves', () => {
    const demand = new Subject<void>();
    const batches = collect(of(frames.a, frames.b, frames.a, frames.c).pipe(fairQueue({ demand$: demand, isControl })));
    demand.next();
    expect(batches).toStrictEqual([[frames.c, frames.a, frames.b, frames.a], '|']);
  });

  it('stops a synchronous source as soon as nobody listens', () => {
    let pulled = 0;
    function* endless() {
      for (;;) {
        if (++pulled > 100) throw new Error('it goes on and on');
        yield frames.a;
      }
    }
    const batches = collect(from(endless()).pipe(fairQueue({ demand$: of(1) }), take(1)));
    expect(batches).toStrictEqual([[frames.a], '|']);
    expect(pulled).toBe(1);
  });

  it('subscribes to nothing more when a synchronous `drop$` has failed', () => {
    const queue = new Queue({ drop$: new Subject() });
    const failing = new Subject<number>();
    failing.error(new Error('broken'));
    const source = new Subject<Frame>();
    const seen = collect(source.pipe(fairQueue({ demand$: queue.demand$, drop$: failing })));
    expect(seen).toStrictEqual([new Error('broken')]);
    expect(source.observed).toBe(false);
  });

  describe('serves control frames', () => {
    it('before all others, first come first served', () => {
      const queue = new Queue({ isControl });
      const control = [update(5), syn(7), nop(), update(3)];
      queue.push(psh(3, 1), ...control.slice(0, 2), psh(5, 1), ...control.slice(2));
      expect(queue.serve()).toStrictEqual([...control, psh(3, 1), psh(5, 1)]);
    });

    it('that come between two batches before what waited longer', () => {
      const queue = new Queue({ isControl, batchSize: 1 });
      queue.push(psh(3, 1), psh(3, 2));
      expect(queue.serve()).toStrictEqual([psh(3, 1)]);
      queue.push(nop());
      expect(queue.serve()).toStrictEqual([nop()]);
      expect(queue.serve()).toStrictEqual([psh(3, 2)]);
    });

    it('of no kind unless it is told which they are', () => {
      const queue = new Queue({});
      queue.push(psh(3, 1), nop());
      expect(queue.serve()).toStrictEqual([psh(3, 1), nop()]);
    });
  });

  describe('makes batches', () => {
    it('that end with the frame that reaches their size on the wire', () => {
      const queue = new Queue({ batchSize: 300 });
      queue.push(...Array<Frame>(5).fill(psh(3, 92)));
      expect(queue.serve()).toHaveLength(3);
      expect(queue.serve()).toHaveLength(2);
      expect(queue.serve()).toBeUndefined();
    });

    it('of a size that is asked for each time', () => {
      const sizes = [200, 400];
      const queue = new Queue({ batchSize: () => sizes.shift() ?? 100 });
      queue.push(...Array<Frame>(8).fill(psh(3, 92)));
      expect(queue.serve()).toHaveLength(2);
      expect(queue.serve()).toHaveLength(4);
      expect(queue.serve()).toHaveLength(1);
    });

    it('of 128 KiB unless it is told otherwise', () => {
      const queue = new Queue({});
      queue.push(...Array<Frame>(10).fill(psh(3, 32_768)));
      expect(queue.serve()).toHaveLength(4);
      expect(queue.serve()).toHaveLength(4);
      expect(queue.serve()).toHaveLength(2);
    });

    it.each([0, 1, Number.NaN])('of one frame at least, with a size of %d', (batchSize) => {
      const queue = new Queue({ batchSize });
      queue.push(psh(3, 1), psh(3, 2));
      expect(queue.serve()).toStrictEqual([psh(3, 1)]);
      expect(queue.serve()).toStrictEqual([psh(3, 2)]);
    });

    it('when one is demanded while another is being taken', () => {
      const demand = new Subject<void>();
      const seen: (readonly Frame[] | string)[] = [];
      of(frames.a, frames.b, frames.a)
        .pipe(fairQueue({ demand$: demand, batchSize: 1 }))
        .subscribe({
          next: (batch) => {
            seen.push(batch);
            demand.next();
          },
          complete: () => seen.push('|'),
        });
      demand.next();
      expect(seen).toStrictEqual([[frames.a], [frames.b], [frames.a], '|']);
    });
  });

  describe('told to drop a key', () => {
    it(
      'throws its waiting frames away, control frames not',
      marbles(({ hot, expectObservable }) => {
        const source = hot('       -(aabc)---------', { ...frames, c: update(3) });
        const drop = hot<number>(' --------t-------', { t: 3 });
        const demand = hot('       ------------d---');
        const expected = '         ------------x---';

        expectObservable(source.pipe(fairQueue({ demand$: demand, drop$: drop, isControl }))).toBe(expected, {
          x: [update(3), frames.b],
        });
      }),
    );

    it(
      'takes frames of it that come later',
      marbles(({ hot, expectObservable }) => {
        const source = hot('       -a-----A-------', { ...frames, A: psh(3, 1) });
        const drop = hot<number>(' ---t-----------', { t: 3 });
        const demand = hot('       -------------d-');
        const expected = '         -------------x-';

        expectObservable(source.pipe(fairQueue({ demand$: demand, drop$: drop }))).toBe(expected, { x: [psh(3, 1)] });
      }),
    );

    it(
      'completes when nothing else was left of a completed source',
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot('       -a-|', frames);
        const drop = hot<number>(' -----t', { t: 3 });
        const demand = hot('       ------');
        const subs = '             ^----!';
        const expected = '         -----|';

        expectObservable(source.pipe(fairQueue({ demand$: demand, drop$: drop }))).toBe(expected);
        expectSubscriptions(demand.subscriptions).toBe(subs);
        expectSubscriptions(drop.subscriptions).toBe(subs);
      }),
    );

    it('keeps a demand that it leaves unmet', () => {
      const queue = new Queue({ drop$: new Subject() });
      queue.push(psh(3, 1));
      queue.drop(3);
      expect(queue.serve()).toBeUndefined();
      queue.push(psh(5, 1));
      expect(queue.batches).toStrictEqual([[psh(5, 1)]]);
    });
  });

  describe('shares the link', () => {
    it('in turns, and takes streams out that have nothing left', () => {
      const queue = new Queue({ batchSize: 1 });
      queue.push(psh(10, TURN), psh(20, TURN), psh(30, TURN), psh(20, TURN));
      expect(queue.serveIds(4)).toStrictEqual([10, 20, 30, 20]);
      queue.push(psh(20, TURN), psh(10, TURN));
      expect(queue.serveIds(3)).toStrictEqual([20, 10, undefined]);
    });

    it('with FIN behind the bytes of its stream', () => {
      const queue = new Queue({ isControl });
      queue.push(psh(3, TURN), psh(3, TURN), kit.fin(3), psh(5, 1));
      const commands = queue.serve()?.map(({ streamId, command }) => [streamId, command]);
      expect(commands).toStrictEqual([
        [3, Command.PSH],
        [5, Command.PSH],
        [3, Command.PSH],
        [3, Command.FIN],
      ]);
    });

    it('evenly between ten streams that write at random', () => {
      const queue = new Queue({ batchSize: 8192 });
      const waiting = new Map<number, number>();
      const served = new Map<number, number>();
      let random = 1;
      const next = (below: number) => {
        random = (random * 48_271) % 0x7fffffff;
        return random % below;
      };
      for (let round = 0; round < 4000; round++) {
        for (let id = 3; id < 23; id += 2) {
          // Each stream keeps writing in its own way, faster than the link takes it.
          while ((waiting.get(id) ?? 0) < 200_000) {
            const size = 1 + next(id * 1000);
            queue.push(psh(id, size));
            waiting.set(id, (waiting.get(id) ?? 0) + size + 8);
          }
        }
        for (const frame of queue.serve() ?? []) {
          waiting.set(frame.streamId, (waiting.get(frame.streamId) ?? 0) - frameSize(frame));
          served.set(frame.streamId, (served.get(frame.streamId) ?? 0) + frameSize(frame));
        }
      }
      const shares = [...served.values()];
      expect(shares).toHaveLength(10);
      expect(Math.max(...shares) / Math.min(...shares)).toBeLessThan(1.03);
    });

    it('within 2:1 whatever the sizes of frames, from the first 128 KiB of each on', () => {
      const anySize = fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 100 }));
      fc.assert(
        fc.property(anySize, anySize, fc.integer({ min: 1, max: 200_000 }), (size3, size5, batchSize) => {
          const queue = new Queue({ batchSize });
          const served = { 3: 0, 5: 0 };
          const refill = (id: 3 | 5, size: number) => {
            queue.push(...Array<Frame>(Math.ceil(400_000 / size)).fill(psh(id, size)));
          };
          refill(3, size3);
          refill(5, size5);
          while (Math.min(served[3], served[5]) < 131_072) {
            for (const frame of queue.serve() ?? []) served[frame.streamId as 3 | 5] += frameSize(frame);
          }
          // A batch may end in the middle of a turn.
          expect(Math.max(served[3], served[5])).toBeLessThanOrEqual(2 * Math.min(served[3], served[5]) + 16_384);
        }),
        { numRuns: 25, seed: 1 },
      );
    });

    it('by weight', () => {
      const queue = new Queue({ weight: (id) => (id === 5 ? 3 : 1), batchSize: 1 });
      for (let count = 0; count < 8; count++) queue.push(psh(3, TURN), psh(5, TURN));
      expect(queue.serveIds(8)).toStrictEqual([3, 5, 5, 5, 3, 5, 5, 5]);
    });

    it('by another key than the stream', () => {
      const queue = new Queue({ key: ({ streamId }) => streamId % 10, batchSize: 1 });
      queue.push(psh(11, TURN), psh(21, TURN), psh(31, TURN), psh(12, TURN), psh(22, TURN));
      expect(queue.serveIds(5)).toStrictEqual([11, 12, 21, 22, 31]);
    });
  });

  it.each([
    ['isControl', { isControl: fail }],
    ['key', { key: fail }],
    ['weight', { weight: fail }],
  ] satisfies [string, Partial<FairQueueOptions>][])(
    'errors with what `%s` throws, and lets go of the source',
    (_, options) => {
      const source = new Subject<Frame>();
      const seen = collect(source.pipe(fairQueue({ demand$: of(1), ...options })));
      source.next(frames.a);
      expect(seen).toStrictEqual([new Error('broken')]);
      expect(source.observed).toBe(false);
    },
  );

  it('errors on a weight of less than 1', () => {
    const seen = collect(of(frames.a).pipe(fairQueue({ demand$: of(1), weight: () => 0 })));
    expect(seen).toStrictEqual([new RangeError('a weight must be at least 1, got 0')]);
  });

  it('serves every frame once, in the order of its stream, whatever comes when', () => {
    const anyStep = fc.oneof(
      fc.record({ id: fc.integer({ min: 1, max: 5 }), size: fc.integer({ min: 0, max: 40_000 }) }),
      fc.constantFrom('control' as const, 'demand' as const),
    );
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 80 }), (steps) => {
        const queue = new Queue({ isControl, batchSize: 50_000 });
        const pushed: Frame[] = [];
        steps.forEach((step, at) => {
          if (step === 'demand') queue.demand$.next();
          else {
            const frame = step === 'control' ? update(9, at) : psh(step.id, step.size);
            pushed.push(frame);
            queue.push(frame);
          }
        });
        queue.complete();
        for (let left = pushed.length; left > 0; left--) queue.demand$.next();
        const served = queue.batches.flat();
        expect(served).toHaveLength(pushed.length);
        for (let id = 1; id <= 9; id++) {
          expect(served.filter(({ streamId }) => streamId === id)).toStrictEqual(
            pushed.filter(({ streamId }) => streamId === id),
          );
        }
        expect(queue.isCompleted).toBe(true);
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

/** The operator at work, asked for batches by hand. */
class Queue {
  readonly demand$ = new Subject<void>();
  readonly batches: (readonly Frame[])[] = [];
  isCompleted = false;
  readonly #source = new Subject<Frame>();
  readonly #drop$: Subject<number> | undefined;

  constructor({ drop$, ...options }: Partial<Omit<FairQueueOptions, 'drop$'>> & { readonly drop$?: Subject<number> }) {
    this.#drop$ = drop$;
    this.#source.pipe(fairQueue({ demand$: this.demand$, ...options, ...(drop$ && { drop$ }) })).subscribe({
      next: (batch) => this.batches.push(batch),
      complete: () => {
        this.isCompleted = true;
      },
    });
  }

  push(...frames: readonly Frame[]): void {
    for (const frame of frames) this.#source.next(frame);
  }

  complete(): void {
    this.#source.complete();
  }

  drop(key: number): void {
    this.#drop$?.next(key);
  }

  serve(): readonly Frame[] | undefined {
    const before = this.batches.length;
    this.demand$.next();
    return this.batches[before];
  }

  serveIds(count: number): (number | undefined)[] {
    return Array.from({ length: count }, () => this.serve()?.[0]?.streamId);
  }
}

function collect(batches$: ReturnType<ReturnType<typeof fairQueue>>): (readonly Frame[] | '|' | unknown)[] {
  const seen: unknown[] = [];
  batches$.subscribe({
    next: (batch) => seen.push(batch),
    error: (error) => seen.push(error),
    complete: () => seen.push('|'),
  });
  return seen;
}

function fail(): never {
  throw new Error('broken');
}

function isControl({ command }: Frame): boolean {
  return command !== Command.PSH && command !== Command.FIN;
}

function psh(streamId: number, size: number): Frame {
  return kit.psh(streamId, zeros.subarray(0, size));
}

function update(streamId: number, consumed = 1): Frame {
  return kit.upd(streamId, consumed, 65_536);
}

const { nop, syn } = kit;
const zeros = new Uint8Array(65_535);
const frames = { a: psh(3, 10_000), b: psh(5, 10_000), c: nop() };
