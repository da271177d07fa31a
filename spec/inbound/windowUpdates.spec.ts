import { defer, from, Observable, of, Subject, take, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type WindowUpdate, windowUpdates } from '../../lib/inbound/windowUpdates.js';
import { marbles } from '../helpers/marbles.js';
import { titledVectors } from '../helpers/vectors.js';

describe('windowUpdates', () => {
  it(
    'announces the first bytes, then each half of a window, and holds back one update',
    marbles((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const source = hot('  --6--4--4--6--8--|', sizes);
      const sent = hot('    -------------s---|');
      const subs = '        ^----------------!';
      const expected = '    --a----------b---|';

      expectObservable(source.pipe(windowUpdates({ window: 16, sent$: sent }))).toBe(expected, {
        a: { consumed: 6, window: 16 },
        b: { consumed: 20, window: 16 },
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(sent.subscriptions).toBe(subs);
    }),
  );

  it(
    'announces nothing of an empty source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<number>(' --|');
      const sent = cold('           -----');
      const subs = '                ^-!';
      const expected = '            --|';

      expectObservable(source.pipe(windowUpdates({ window: 16, sent$: sent }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(sent.subscriptions).toBe(subs);
    }),
  );

  it(
    'waits for a source that never emits',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<number>(' ------');
      const sent = cold('           -s-s--'); // of nothing: no update has been announced
      const subs = '                ^-----';
      const expected = '            ------';

      expectObservable(source.pipe(windowUpdates({ window: 16, sent$: sent }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'announces a single byte, since the first are',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --1--|', sizes);
      const subs = '        ^----!';
      const expected = '    --a--|';

      expectObservable(source.pipe(windowUpdates({ window: 16 }))).toBe(expected, { a: { consumed: 1, window: 16 } });
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'counts from the last announcement, not in multiples of half a window',
    marbles((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const source = hot('  -1-4-4-1-6-1-1-|', sizes);
      const subs = '        ^--------------!';
      const expected = '    -a---b-----c---|'; // 9 - 1 = 8; then 10, 16, 17 - 9 = 8

      expectObservable(source.pipe(windowUpdates({ window: 16 }))).toBe(expected, {
        a: { consumed: 1, window: 16 },
        b: { consumed: 9, window: 16 },
        c: { consumed: 17, window: 16 },
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes errors of the source on',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --1--#', sizes);
      const sent = hot('    -------s');
      const subs = '        ^----!';
      const expected = '    --a--#';

      expectObservable(source.pipe(windowUpdates({ window: 16, sent$: sent }))).toBe(expected, {
        a: { consumed: 1, window: 16 },
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(sent.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes errors of `sent$` on',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --1-----1', sizes);
      const sent = hot('    -----#');
      const subs = '        ^----!';
      const expected = '    --a--#';

      expectObservable(source.pipe(windowUpdates({ window: 16, sent$: sent }))).toBe(expected, {
        a: { consumed: 1, window: 16 },
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(sent.subscriptions).toBe(subs);
    }),
  );

  it('does not subscribe to the source when `sent$` fails at once', () => {
    const broken = new Error('broken');
    const seen: unknown[] = [];
    let isSubscribed = false;
    defer(() => {
      isSubscribed = true;
      return of(1);
    })
      .pipe(windowUpdates({ window: 16, sent$: throwError(() => broken) }))
      .subscribe({ error: (error) => seen.push(error) });
    expect(seen).toStrictEqual([broken]);
    expect(isSubscribed).toBe(false);
  });

  it(
    'lets go of everything when it is unsubscribed',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --1--8--8', sizes);
      const sent = hot('    ---s--s--');
      const subs = '        ^-----!';
      const unsub = '       ------!';
      const expected = '    --a--b-';

      expectObservable(source.pipe(windowUpdates({ window: 16, sent$: sent })), unsub).toBe(expected, {
        a: { consumed: 1, window: 16 },
        b: { consumed: 9, window: 16 },
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(sent.subscriptions).toBe(subs);
    }),
  );

  it(
    'counts anew for each subscription',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                  --6--8--|', sizes);
      const subs = ['                        ^-------!', '---^-------!'];
      const result = source.pipe(windowUpdates({ window: 16 }));
      const updates = { a: { consumed: 6, window: 16 }, b: { consumed: 14, window: 16 } };

      expectObservable(result).toBe('        --a--b--|', updates);
      expectObservable(result, '---^').toBe('-----a--b--|', updates);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  describe('while the last update has not been sent', () => {
    it(
      'holds the newest only, however much is consumed',
      marbles(({ hot, expectObservable }) => {
        const source = hot('  -1-8-8-8-8-8----', sizes);
        const sent = hot('    ------------s---');
        const expected = '    -a----------b---';

        expectObservable(source.pipe(windowUpdates({ window: 16, sent$: sent }))).toBe(expected, {
          a: { consumed: 1, window: 16 },
          b: { consumed: 41, window: 16 },
        });
      }),
    );

    it(
      'holds nothing that would not be worth an update',
      marbles(({ hot, expectObservable }) => {
        const source = hot('  -1-4-----4-', sizes);
        const sent = hot('    -----s-----');
        const expected = '    -a-------b-';

        expectObservable(source.pipe(windowUpdates({ window: 16, sent$: sent }))).toBe(expected, {
          a: { consumed: 1, window: 16 },
          b: { consumed: 9, window: 16 },
        });
      }),
    );

    it(
      'drops what it holds when the source completes',
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot('  -1-8-|', sizes);
        const sent = hot('    -------s');
        const subs = '        ^----!';
        const expected = '    -a---|';

        expectObservable(source.pipe(windowUpdates({ window: 16, sent$: sent }))).toBe(expected, {
          a: { consumed: 1, window: 16 },
        });
        expectSubscriptions(sent.subscriptions).toBe(subs);
      }),
    );

    it('knows that an update was sent from within its emission', () => {
      const sent = new Subject<void>();
      const seen: number[] = [];
      from([1, 8, 8])
        .pipe(windowUpdates({ window: 16, sent$: sent }))
        .subscribe(({ consumed }) => {
          seen.push(consumed);
          sent.next();
        });
      expect(seen).toStrictEqual([1, 9, 17]);
    });
  });

  describe('with the marks of Go', () => {
    it.each(titledVectors.filter(([title]) => title.includes('window')))('makes the updates of %s', (_, vector) => {
      const updates = vector.frames.filter(({ command }) => command === 'UPD');
      const [{ window = 0 } = {}] = updates;
      // Go reads inside the frames that came: the sizes of its reads are not recorded, but their sums include every mark.
      const marks = updates.map(({ consumed = 0 }) => consumed);
      expect(updatesOf(differences(marks), { window })).toStrictEqual(marks.map((consumed) => ({ consumed, window })));
    });

    it('counts reads of 10000 as Go does: at once, then whenever half of 65536 has been read since', () => {
      // A read of Go ends with the frame: three of 10000 and one of 2768 in each frame of 32768 bytes.
      const reads = [10_000, 10_000, 10_000, 2768, 10_000, 10_000, 10_000, 2768, 10_000];
      const marks = updatesOf(reads, { window: 65_536 }).map(({ consumed }) => consumed);
      expect(marks).toStrictEqual([10_000, 42_768, 75_536]);
    });

    it('takes the next read after the mark where reads do not meet it', () => {
      const marks = updatesOf(Array(10).fill(10_000), { window: 65_536 }).map(({ consumed }) => consumed);
      expect(marks).toStrictEqual([10_000, 50_000, 90_000]);
    });

    it('differs from Go on purpose at a count of 0 modulo 2^32: that update is not skipped', () => {
      expect(updatesOf([8, 8], { window: 16, consumed: 2 ** 32 - 16 })).toStrictEqual([
        { consumed: 2 ** 32 - 8, window: 16 },
        { consumed: 0, window: 16 },
      ]);
    });
  });

  it.each([
    ['below 2^31', 2 ** 31 - 20],
    ['below 2^32', 2 ** 32 - 20],
    ['far beyond', 2 ** 45 - 20],
  ])('wraps the count at 2^32 and nowhere else, having consumed just %s before', (_, consumed) => {
    const expected = [1, 9, 17, 25, 33].map((more) => ({ consumed: (consumed + more) % 2 ** 32, window: 16 }));
    expect(updatesOf([1, 8, 8, 8, 8], { window: 16, consumed })).toStrictEqual(expected);
  });

  describe('given a function for the window', () => {
    it('asks it at each update', () => {
      let window = 16;
      const source = new Subject<number>();
      const seen: WindowUpdate[] = [];
      source.pipe(windowUpdates({ window: () => window })).subscribe((update) => seen.push(update));
      source.next(4); // announced up to 20
      source.next(1);
      window = 64;
      source.next(1); // 14 are left, less than half of the new window
      source.next(30); // 34 are left
      source.next(2); // 32 are left
      expect(seen).toStrictEqual([
        { consumed: 4, window: 16 },
        { consumed: 6, window: 64 },
        { consumed: 38, window: 64 },
      ]);
    });

    it('announces a smaller window only when half of it is left', () => {
      let window = 64;
      const source = new Subject<number>();
      const seen: WindowUpdate[] = [];
      source.pipe(windowUpdates({ window: () => window })).subscribe((update) => seen.push(update));
      source.next(4); // announced up to 68
      window = 16;
      source.next(32); // 32 are left: more than the new window
      source.next(23); // 9 are left
      source.next(1); // 8 are left
      expect(seen).toStrictEqual([
        { consumed: 4, window: 64 },
        { consumed: 60, window: 16 },
      ]);
    });

    it('never takes credit back that it has given', () => {
      let window = 64;
      const source = new Subject<number>();
      let limit = 0;
      source.pipe(windowUpdates({ window: () => window })).subscribe((update) => {
        expect(update.consumed + update.window).toBeGreaterThanOrEqual(limit);
        limit = update.consumed + update.window;
      });
      for (let at = 0; at < 500; at++) {
        window = 1 + ((at * 37) % 100);
        source.next(1);
      }
      expect(limit).toBeGreaterThan(500);
    });

    it('errors with what it throws, and lets go of the source', () => {
      const broken = new Error('no window');
      const source = new Subject<number>();
      const seen: unknown[] = [];
      const window = () => {
        throw broken;
      };
      source.pipe(windowUpdates({ window })).subscribe({ error: (error) => seen.push(error) });
      source.next(1);
      expect(seen).toStrictEqual([broken]);
      expect(source.observed).toBe(false);
    });
  });

  it('may be fed while an update is being taken', () => {
    const source = new Subject<number>();
    const seen: number[] = [];
    source.pipe(windowUpdates({ window: 16 })).subscribe(({ consumed }) => {
      seen.push(consumed);
      if (consumed < 40) source.next(8);
    });
    source.next(1);
    expect(seen).toStrictEqual([1, 9, 17, 25, 33, 41]);
  });

  it('stops a synchronous source as soon as nobody listens', () => {
    let pulled = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed) {
        pulled++;
        if (pulled > 100) throw new Error('it goes on and on');
        subscriber.next(8);
      }
    });
    const seen: number[] = [];
    endless.pipe(windowUpdates({ window: 16 }), take(3)).subscribe(({ consumed }) => seen.push(consumed));
    expect(seen).toStrictEqual([8, 16, 24]);
    expect(pulled).toBe(3);
  });

  it('completes with a synchronous source', () => {
    const seen: unknown[] = [];
    of(8, 8)
      .pipe(windowUpdates({ window: 16 }))
      .subscribe({ next: ({ consumed }) => seen.push(consumed), complete: () => seen.push('|') });
    expect(seen).toStrictEqual([8, 16, '|']);
  });
});

function updatesOf(reads: readonly number[], options: Parameters<typeof windowUpdates>[0]): WindowUpdate[] {
  const updates: WindowUpdate[] = [];
  from(reads)
    .pipe(windowUpdates(options))
    .subscribe((update) => updates.push(update));
  return updates;
}

function differences(values: readonly number[]): number[] {
  return values.map((value, at) => value - (values[at - 1] ?? 0));
}

const sizes = { 1: 1, 4: 4, 6: 6, 8: 8 };
