import fc from 'fast-check';
import { BehaviorSubject, defer, EMPTY, from, NEVER, of, Subject, take, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { limitByCredit } from '../../lib/outbound/limitByCredit.js';
import { counting, join, sizeOf, toHex } from '../helpers/bytes.js';
import { marbles } from '../helpers/marbles.js';

describe('limitByCredit', () => {
  it(
    'lets bytes through as far as there is credit and holds the rest',
    marbles((helpers) => {
      const { hot, cold, expectObservable, expectSubscriptions } = helpers;
      const source = hot('  --a-----b--|         ', chunks);
      const limit = cold('  3----6--------8---   ', limits);
      const expected = '    --x--y--z-----(w|)   ';
      const sourceSubs = '  ^----------!         ';
      const limitSubs = '   ^-------------!      ';

      expectObservable(source.pipe(limitByCredit(limit))).toBe(expected, {
        x: counting(3),
        y: counting(1, 3),
        z: counting(2, 4),
        w: counting(2, 6),
      });
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(limit.subscriptions).toBe(limitSubs);
    }),
  );

  it(
    'completes with an empty source, whatever the limit',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Uint8Array>(' --|');
      const limit = cold<number>('     -----');
      const subs = '                   ^-!';
      const expected = '               --|';

      expectObservable(source.pipe(limitByCredit(limit))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(limit.subscriptions).toBe(subs);
    }),
  );

  it(
    'waits for a source that never emits',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Uint8Array>(' ------');
      const limit = cold('             8--|', limits);
      const subs = '                   ^-----';
      const expected = '               ------';

      expectObservable(source.pipe(limitByCredit(limit))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'lets nothing through before the first limit',
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot(' --a--|', chunks);
      const limit = cold(' --------8---', limits);
      const expected = '   --------(a|)';

      expectObservable(source.pipe(limitByCredit(limit))).toBe(expected, chunks);
      expectSubscriptions(source.subscriptions).toBe(' ^----!');
      expectSubscriptions(limit.subscriptions).toBe('  ^-------!');
    }),
  );

  it(
    'lets everything through at once while there is room',
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot(' --a--b--|', chunks);
      const limit = cold(' i--------', limits);
      const subs = '       ^-------!';
      const expected = '   --a--b--|';

      expectObservable(source.pipe(limitByCredit(limit))).toBe(expected, chunks);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(limit.subscriptions).toBe(subs);
    }),
  );

  it(
    'does not hold an error of the source back',
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot(' --a--b--#', chunks);
      const limit = cold(' 4-----------8', limits);
      const subs = '       ^-------!';
      const expected = '   --a-----#';

      expectObservable(source.pipe(limitByCredit(limit))).toBe(expected, chunks);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(limit.subscriptions).toBe(subs);
    }),
  );

  it(
    'lets go of both sources when it is unsubscribed',
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot(' --a--b----b', chunks);
      const limit = cold(' 4--------8-', limits);
      const subs = '       ^------!';
      const unsub = '      -------!';
      const expected = '   --a-----';

      expectObservable(source.pipe(limitByCredit(limit)), unsub).toBe(expected, chunks);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(limit.subscriptions).toBe(subs);
    }),
  );

  it(
    'counts anew for each subscription',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                  --a--b--|', chunks);
      const limit = cold('                   6---------8---', limits);
      const result = source.pipe(limitByCredit(limit));
      const values = { a: counting(4), y: counting(2, 4), z: counting(2, 6) };

      expectObservable(result).toBe('        --a--y----(z|)', values);
      expectObservable(result, '---^').toBe('-----a--y----(z|)', values);
      expectSubscriptions(source.subscriptions).toBe(['^-------!', '---^-------!']);
      expectSubscriptions(limit.subscriptions).toBe(['^---------!', '---^---------!']);
    }),
  );

  describe('on the limit', () => {
    it(
      'takes nothing back when it falls',
      marbles(({ hot, cold, expectObservable }) => {
        const source = hot(' --a--b---------', chunks);
        const limit = cold(' 4--3----4--6--8', limits);
        const expected = '   --a--------y--z';

        expectObservable(source.pipe(limitByCredit(limit))).toBe(expected, {
          a: chunks.a,
          y: counting(2, 4),
          z: counting(2, 6),
        });
      }),
    );

    it(
      'lets nothing through while it is negative',
      marbles(({ hot, cold, expectObservable }) => {
        const source = hot(' --a-----', chunks);
        const limit = cold(' n----N-4', limits);
        const expected = '   -------a';

        expectObservable(source.pipe(limitByCredit(limit))).toBe(expected, chunks);
      }),
    );

    it(
      'emits nothing when it rises and nothing waits',
      marbles(({ hot, cold, expectObservable }) => {
        const source = hot(' --a-------b', chunks);
        const limit = cold(' 4--6--8-i--', limits);
        const expected = '   --a-------b';

        expectObservable(source.pipe(limitByCredit(limit))).toBe(expected, chunks);
      }),
    );

    it(
      'counts whole bytes only',
      marbles(({ hot, cold, expectObservable }) => {
        const source = hot(' --a--------|', chunks);
        const limit = cold(' h--H--3--4--', { ...limits, h: 0.5, H: 2.5 });
        const expected = '   ---x--y--z-|';

        expectObservable(source.pipe(limitByCredit(limit))).toBe(expected, {
          x: counting(2),
          y: counting(1, 2),
          z: counting(1, 3),
        });
      }),
    );

    it(
      'errors when it is not a number',
      marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const source = hot(' --a--b--b', chunks);
        const limit = cold(' 4-----x-8', { ...limits, x: Number.NaN });
        const subs = '       ^-----!';
        const expected = '   --a---#';
        const error = new RangeError('a limit must be a number of bytes, got NaN');

        expectObservable(source.pipe(limitByCredit(limit))).toBe(expected, chunks, error);
        expectSubscriptions(source.subscriptions).toBe(subs);
        expectSubscriptions(limit.subscriptions).toBe(subs);
      }),
    );

    it(
      'passes its error on',
      marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const source = hot(' --a--b--b', chunks);
        const limit = cold(' 4-----#', limits);
        const subs = '       ^-----!';
        const expected = '   --a---#';

        expectObservable(source.pipe(limitByCredit(limit))).toBe(expected, chunks);
        expectSubscriptions(source.subscriptions).toBe(subs);
        expectSubscriptions(limit.subscriptions).toBe(subs);
      }),
    );

    it('does not subscribe to the source when it fails at once', () => {
      for (const limit$ of [throwError(() => new Error('broken')), of(Number.NaN)]) {
        let isSubscribed = false;
        let isErrored = false;
        defer(() => {
          isSubscribed = true;
          return NEVER;
        })
          .pipe(limitByCredit(limit$))
          .subscribe({
            error: () => {
              isErrored = true;
            },
          });
        expect([isErrored, isSubscribed]).toStrictEqual([true, false]);
      }
    });

    it(
      'leaves the last one in force when it completes',
      marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const source = hot(' --a--b--|', chunks);
        const limit = cold(' 6--|', limits);
        const expected = '   --a--y---';

        expectObservable(source.pipe(limitByCredit(limit))).toBe(expected, { a: chunks.a, y: counting(2, 4) });
        expectSubscriptions(source.subscriptions).toBe(' ^-------!');
        expectSubscriptions(limit.subscriptions).toBe('  ^--!');
      }),
    );

    it(
      'lets nothing through when it completes without one',
      marbles(({ hot, expectObservable }) => {
        const source = hot(' --a--|', chunks);
        const expected = '   ------';

        expectObservable(source.pipe(limitByCredit(EMPTY))).toBe(expected);
      }),
    );
  });

  describe('on the chunks', () => {
    it('passes one on as it is where there is room for it', () => {
      const seen: Uint8Array[] = [];
      of(chunks.a, chunks.b)
        .pipe(limitByCredit(of(8)))
        .subscribe((chunk) => seen.push(chunk));
      expect(seen).toHaveLength(2);
      expect(seen[0]).toBe(chunks.a);
      expect(seen[1]).toBe(chunks.b);
    });

    it('splits a large one at every limit, copying nothing', () => {
      const large = counting(100_000);
      const limit$ = new Subject<number>();
      const seen: Uint8Array[] = [];
      of(large)
        .pipe(limitByCredit(limit$))
        .subscribe((chunk) => seen.push(chunk));
      for (const limit of [1, 3, 50_000, 99_000]) limit$.next(limit);
      expect(seen.map(({ length }) => length)).toStrictEqual([1, 2, 49_997, 49_000]);
      expect(join(seen)).toStrictEqual(large.subarray(0, 99_000));
      for (const chunk of seen) expect(chunk.buffer).toBe(large.buffer);
    });

    it('takes no notice of empty ones', () => {
      const seen: (Uint8Array | string)[] = [];
      of(new Uint8Array(0), chunks.a, new Uint8Array(0))
        .pipe(limitByCredit(of(4)))
        .subscribe({ next: (chunk) => seen.push(chunk), complete: () => seen.push('|') });
      expect(seen).toStrictEqual([chunks.a, '|']);
    });

    it('gathers small ones that have to wait', () => {
      const limit$ = new BehaviorSubject(0);
      const seen: Uint8Array[] = [];
      from(Array.from({ length: 10_000 }, (_, at) => Uint8Array.of(at)))
        .pipe(limitByCredit(limit$))
        .subscribe((chunk) => seen.push(chunk));
      limit$.next(Number.POSITIVE_INFINITY);
      expect(seen.length).toBeLessThan(10);
      expect(join(seen)).toStrictEqual(counting(10_000));
    });
  });

  describe('while a chunk is being taken,', () => {
    it('sees the limit rise', () => {
      const { source, limit$, seen } = running(2, (chunk) => limit$.next(chunk.length + limit$.value));
      source.next(counting(20));
      expect(seen.map(({ length }) => length)).toStrictEqual([2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
      expect(join(seen)).toStrictEqual(counting(20));
    });

    it('sees the limit fall', () => {
      const { source, limit$, seen } = running(0, () => limit$.next(0));
      source.next(counting(3000));
      source.next(counting(3000, 3000));
      limit$.next(10_000);
      expect(seen.map(({ length }) => length)).toStrictEqual([3000]);
      limit$.next(10_000);
      expect(join(seen)).toStrictEqual(counting(6000));
    });

    it('keeps what is fed behind what waits', () => {
      let fed = 4;
      const { source, seen } = running(40, () => {
        if (fed >= 40) return;
        source.next(counting(2, fed));
        source.next(counting(2, fed + 2));
        fed += 4;
      });
      source.next(counting(4));
      expect(join(seen)).toStrictEqual(counting(40));
    });

    it('may be fed again and again without a growing stack', () => {
      let fed = 1;
      const { source, seen } = running(Number.POSITIVE_INFINITY, () => {
        if (fed < 50_000) source.next(Uint8Array.of(fed++));
      });
      source.next(Uint8Array.of(0));
      expect(sizeOf(seen)).toBe(50_000);
      expect(toHex(join(seen))).toBe(toHex(counting(50_000)));
    });

    it('completes behind it', () => {
      const { source, seen, log } = running(10, () => source.complete());
      source.next(counting(4));
      expect(seen).toStrictEqual([counting(4)]);
      expect(log).toStrictEqual(['complete']);
    });

    it('completes behind what still waits', () => {
      const { source, limit$, seen, log } = running(2, () => source.complete());
      source.next(counting(4));
      expect(log).toStrictEqual([]);
      limit$.next(4);
      expect(join(seen)).toStrictEqual(counting(4));
      expect(log).toStrictEqual(['complete']);
    });

    it('may be unsubscribed: nothing more is let through', () => {
      const limit$ = new BehaviorSubject(0);
      const source = new Subject<Uint8Array>();
      const seen: Uint8Array[] = [];
      source.pipe(limitByCredit(limit$), take(1)).subscribe((chunk) => seen.push(chunk));
      source.next(counting(3000));
      source.next(counting(3000));
      limit$.next(6000);
      expect(seen).toStrictEqual([counting(3000)]);
      expect([source.observed, limit$.observed]).toStrictEqual([false, false]);
    });
  });

  it('stops a synchronous source as soon as nobody listens', () => {
    let pulled = 0;
    function* endless() {
      for (;;) {
        if (++pulled > 100) throw new Error('it goes on and on');
        yield chunks.a;
      }
    }
    const seen: Uint8Array[] = [];
    from(endless())
      .pipe(limitByCredit(of(Number.POSITIVE_INFINITY)), take(2))
      .subscribe((chunk) => seen.push(chunk));
    expect(seen).toStrictEqual([chunks.a, chunks.a]);
    expect(pulled).toBe(2);
  });

  it('lets all bytes through in order and never beyond the limit, whatever comes when', () => {
    const anyStep = fc.oneof(
      fc.record({ feed: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 2040, max: 5000 })) }),
      fc.record({ limit: fc.oneof(fc.integer({ min: -10, max: 20_000 }), fc.constant(Number.POSITIVE_INFINITY)) }),
    );
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const { source, limit$, seen, log } = running(0, () => undefined);
        let fed = 0;
        let expected = 0;
        for (const step of steps) {
          if ('feed' in step) {
            source.next(counting(step.feed, fed));
            fed += step.feed;
          } else limit$.next(step.limit);
          expected = Math.max(expected, Math.min(fed, limit$.value));
          expect(sizeOf(seen)).toBe(expected);
        }
        source.complete();
        expect(log).toStrictEqual(expected === fed ? ['complete'] : []);
        limit$.next(fed);
        expect(toHex(join(seen))).toBe(toHex(counting(fed)));
        expect(log).toStrictEqual(['complete']);
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

/** The operator at work, told of each chunk that it lets through. */
function running(limit: number, taken: (chunk: Uint8Array) => void) {
  const source = new Subject<Uint8Array>();
  const limit$ = new BehaviorSubject(limit);
  const seen: Uint8Array[] = [];
  const log: string[] = [];
  source.pipe(limitByCredit(limit$)).subscribe({
    next: (chunk) => {
      seen.push(chunk);
      taken(chunk);
    },
    error: () => log.push('error'),
    complete: () => log.push('complete'),
  });
  return { source, limit$, seen, log };
}

const chunks = { a: counting(4), b: counting(4, 4) };
const limits = { 3: 3, 4: 4, 6: 6, 8: 8, i: Number.POSITIVE_INFINITY, n: -3, N: Number.NEGATIVE_INFINITY };
