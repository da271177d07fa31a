import { from, map, Observable, of, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { demultiplex } from '../../lib/inbound/demultiplex.js';
import { framesOf } from '../../lib/testing/index.js';
import { type Frame } from '../../lib/wire/frame.js';
import { marbles } from '../helpers/marbles.js';

describe('demultiplex', () => {
  it(
    'lets frames flow into the Subjects of their streams',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --a--b--A--x--|', frames);
      const subs = '        ^-------------!';
      const expected = '    --3--2--------|';
      const group3 = '      --a-----A-----|';
      const group2 = '      -----b--------|';
      const { known, subjects } = streams(3, 2);

      expectObservable(keys(source.pipe(demultiplex(known)))).toBe(expected, { 2: 2, 3: 3 });
      expectObservable(subjects.get(3)).toBe(group3, frames);
      expectObservable(subjects.get(2)).toBe(group2, frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'makes no groups of an empty source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Frame>(' --|');
      const subs = '               ^-!';
      const expected = '           --|';

      expectObservable(source.pipe(demultiplex(streams(3).known))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'waits for a source that never emits',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Frame>(' ------');
      const subs = '               ^-----';
      const expected = '           ------';

      expectObservable(source.pipe(demultiplex(streams(3).known))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'makes a group of a single frame',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --a--|', frames);
      const subs = '        ^----!';
      const expected = '    --3--|';
      const { known, subjects } = streams(3);

      expectObservable(keys(source.pipe(demultiplex(known)))).toBe(expected, { 3: 3 });
      expectObservable(subjects.get(3)).toBe(' --a--|', frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'lets an error of the source reach every group',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --a--b--#', frames);
      const subs = '        ^-------!';
      const expected = '    --3--2--#';
      const { known, subjects } = streams(3, 2, 7);

      expectObservable(keys(source.pipe(demultiplex(known)))).toBe(expected, { 2: 2, 3: 3 });
      expectObservable(subjects.get(3)).toBe(' --a-----#', frames);
      expectObservable(subjects.get(2)).toBe(' -----b--#', frames);
      expectObservable(subjects.get(7)).toBe(' ---------'); // has no group yet
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'lets go of the source when it is unsubscribed, with groups that have not ended',
    marbles((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const source = hot('  --a--b--A--|', frames);
      const subs = '        ^-----!';
      const unsub = '       ------!';
      const expected = '    --3--2-';
      const { known, subjects } = streams(3, 2);

      expectObservable(keys(source.pipe(demultiplex(known))), unsub).toBe(expected, { 2: 2, 3: 3 });
      expectObservable(subjects.get(3)).toBe(' --a---------', frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'groups anew for each subscription',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('             --a--b--|', frames);
      const subs = ['                   ^-------!', '---^-------!'];
      const result = keys(source.pipe(demultiplex(() => new Subject())));

      expectObservable(result).toBe('         --3--2--|', { 2: 2, 3: 3 });
      expectObservable(result, '---^').toBe(' -----3--2--|', { 2: 2, 3: 3 });
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'drops frames of unknown streams, without a group for them',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -x-b-A-x-|', frames);
      const subs = '        ^--------!';
      const expected = '    ---2-----|';

      expectObservable(keys(source.pipe(demultiplex(streams(2).known)))).toBe(expected, { 2: 2 });
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  describe('as groupBy alone would not,', () => {
    it('keeps the frames that precede any subscriber of the group: they are in the Subject of the stream', () => {
      const { known, subjects } = streams(3);
      const received: Frame[] = [];
      subjects.get(3).subscribe((frame) => received.push(frame));
      of(frames.a, frames.A).pipe(demultiplex(known)).subscribe(); // nobody subscribes to the group
      expect(received).toStrictEqual([frames.a, frames.A]);
    });

    it(
      'ends a group when the Subject of its stream completes, and makes no new one for late frames',
      marbles((helpers) => {
        const { hot, expectObservable, expectSubscriptions } = helpers;
        const source = hot('  --a--b--A--A--|', frames);
        const end = hot('     ------e');
        const subs = '        ^-------------!';
        const expected = '    --3--2--------|';
        const group3 = '      --a---|';
        const { known, subjects, end: endStream } = streams(3, 2);
        end.subscribe(() => endStream(3));

        expectObservable(keys(source.pipe(demultiplex(known)))).toBe(expected, { 2: 2, 3: 3 });
        expectObservable(subjects.get(3)).toBe(group3, frames);
        expectSubscriptions(source.subscriptions).toBe(subs);
      }),
    );

    it(
      'makes a new group when the ID of an ended stream is used again',
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot('  --a--A-----A--|', frames);
        const end = hot('     ------e');
        const again = hot('   ---------o');
        const subs = '        ^-------------!';
        const expected = '    --3--------3--|';
        const { known, subjects, end: endStream } = streams(3);
        const next = new Subject<Frame>();
        end.subscribe(() => endStream(3));
        again.subscribe(() => {
          subjects.set(3, next);
        });

        expectObservable(keys(source.pipe(demultiplex(known)))).toBe(expected, { 3: 3 });
        expectObservable(subjects.get(3)).toBe(' --a--A|', frames);
        expectObservable(next).toBe('                          -----------A--|', frames);
        expectSubscriptions(source.subscriptions).toBe(subs);
      }),
    );

    it('subscribes to its source once, and shows a frame to its own stream only', () => {
      const count = 1000;
      const subjects = new Map(Array.from({ length: count }, (_, id) => [id, new Counting()]));
      const source = new Subject<Frame>();
      let subscriptions = 0;
      let lookups = 0;
      const counted = new Observable<Frame>((subscriber) => {
        subscriptions++;
        return source.subscribe(subscriber);
      });
      counted
        .pipe(
          demultiplex((id) => {
            lookups++;
            return subjects.get(id);
          }),
        )
        .subscribe();
      for (let id = 0; id < count; id++) source.next(syn(id));
      lookups = 0;
      for (let at = 0; at < 500; at++) source.next(psh(7));
      expect(subscriptions).toBe(1);
      expect(lookups).toBe(500);
      expect([...subjects.values()].map(({ notifications }) => notifications)).toStrictEqual(
        Array.from({ length: count }, (_, id) => (id === 7 ? 501 : 1)),
      );
    });

    it('keeps nothing of streams that have ended', () => {
      const { known, subjects, end } = streams();
      const source = new Subject<Frame>();
      const groups: number[] = [];
      keys(source.pipe(demultiplex(known))).subscribe((key) => groups.push(key));
      for (let round = 0; round < 3; round++) {
        const subject = new Subject<Frame>();
        subjects.set(3, subject);
        source.next(syn(3));
        expect(subject.observed).toBe(true);
        end(3);
        expect(subject.observed).toBe(false);
      }
      expect(groups).toStrictEqual([3, 3, 3]);
    });
  });

  it('completes the Subject of a stream that is gone before its group has been announced', () => {
    const { known, subjects } = streams(3, 2);
    const seen: string[] = [];
    const subject = subjects.get(3);
    subject.subscribe({ next: () => seen.push('frame'), complete: () => seen.push('end') });
    const source = new Subject<Frame>();
    source.pipe(demultiplex(known)).subscribe(({ key }) => {
      seen.push(`group ${key}`);
      subjects.delete(key);
    });
    source.next(frames.a);
    source.next(frames.A);
    expect(seen).toStrictEqual(['group 3', 'end']);
  });

  it('finds the right Subject for a frame that arrives while a group is being announced', () => {
    const { known, subjects } = streams(3, 2);
    const seen: [number, Frame][] = [];
    for (const id of [3, 2]) subjects.get(id).subscribe((frame) => seen.push([id, frame]));
    const source = new Subject<Frame>();
    source.pipe(demultiplex(known)).subscribe(({ key }) => {
      if (key === 3) source.next(frames.b);
    });
    source.next(frames.a);
    source.next(frames.A);
    expect(seen).toStrictEqual([
      [2, frames.b],
      [3, frames.a],
      [3, frames.A],
    ]);
  });

  it('stops a synchronous source as soon as nobody listens', () => {
    let pulled = 0;
    function* endless() {
      for (let id = 3; ; id += 2) {
        pulled++;
        yield syn(id);
      }
    }
    const groups: number[] = [];
    keys(from(endless()).pipe(demultiplex(() => new Subject())))
      .pipe(take(2))
      .subscribe((key) => groups.push(key));
    expect(groups).toStrictEqual([3, 5]);
    expect(pulled).toBe(2);
  });

  it('errors with what a Subject throws, and so do all groups', () => {
    const { known, subjects } = streams(2);
    const broken = new Error('too many bytes');
    class Broken extends Subject<Frame> {
      override next(): void {
        throw broken;
      }
    }
    subjects.set(3, new Broken());
    const errors: unknown[] = [];
    const note = { error: (error: unknown) => errors.push(error) };
    subjects.get(2).subscribe(note);
    of(frames.b, frames.a).pipe(demultiplex(known)).subscribe(note);
    expect(errors).toStrictEqual([broken, broken]);
  });
});

/** Streams that are open to begin with. */
function streams(...ids: number[]) {
  const subjects = new Subjects();
  for (const id of ids) subjects.set(id, new Subject());
  return {
    subjects,
    known: (id: number) => (subjects.has(id) ? subjects.get(id) : undefined),
    end: (id: number) => {
      const subject = subjects.get(id);
      subjects.delete(id);
      subject.complete();
    },
  };
}

class Subjects extends Map<number, Subject<Frame>> {
  override get(id: number): Subject<Frame> {
    const subject = super.get(id);
    if (subject === undefined) throw new Error(`there is no stream ${id}`);
    return subject;
  }
}

function keys(groups$: Observable<{ readonly key: number }>): Observable<number> {
  return groups$.pipe(map(({ key }) => key));
}

class Counting extends Subject<Frame> {
  notifications = 0;

  override next(): void {
    this.notifications++;
  }
}

function psh(streamId: number): Frame {
  return v1.psh(streamId, Uint8Array.of(1, 2, 3));
}

const v1 = framesOf(1);
const { syn } = v1;
const frames = { a: syn(3), A: psh(3), b: syn(2), x: psh(9) };
