import { concat, type Subscription, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SessionError } from '../../lib/errors.js';
import { AcceptQueue } from '../../lib/session/AcceptQueue.js';
import { type SmuxStream } from '../../lib/stream.js';

describe('AcceptQueue', () => {
  it('holds streams until somebody subscribes, then hands them over in order', () => {
    const queue = new AcceptQueue();
    push(queue, 3, 5);
    const seen = collect(queue);
    expect(seen).toStrictEqual([3, 5]);
    push(queue, 7);
    expect(seen).toStrictEqual([3, 5, 7]);
  });

  it('delivers each stream once: a later subscriber gets the later ones', () => {
    const queue = new AcceptQueue();
    push(queue, 3);
    const first: unknown[] = [];
    const subscription = collect(queue, first);
    expect(first).toStrictEqual([3]);
    subscription.unsubscribe();
    push(queue, 5);
    expect(first).toStrictEqual([3]);
    expect(collect(queue)).toStrictEqual([5]);
  });

  it('notifies a second subscriber that there is one, which goes on', () => {
    const queue = new AcceptQueue();
    const first = collect(queue);
    const error = new SessionError('SMUX_ERR_STREAMS_LOCKED', 'streams$ has a subscriber already');
    expect(collect(queue)).toStrictEqual([error]);
    push(queue, 3);
    expect(first).toStrictEqual([3]);
    expect(collect(queue)).toStrictEqual([error]); // still
  });

  it('keeps what is left for the next one when a subscriber leaves inside `next`', () => {
    const queue = new AcceptQueue();
    push(queue, 3, 5, 7);
    const first: number[] = [];
    queue.streams$.pipe(take(2)).subscribe(({ id }) => first.push(id));
    expect(first).toStrictEqual([3, 5]);
    expect(collect(queue)).toStrictEqual([7]);
  });

  it('hands over first what waited first, also while more come', () => {
    const queue = new AcceptQueue();
    push(queue, 3, 5);
    const seen: number[] = [];
    queue.streams$.subscribe(({ id }) => {
      seen.push(id);
      if (id === 3) push(queue, 7);
    });
    push(queue, 9);
    expect(seen).toStrictEqual([3, 5, 7, 9]);
  });

  it('lets the next subscriber take over while streams are handed over', () => {
    const queue = new AcceptQueue();
    push(queue, 3, 5, 7);
    const seen: number[] = [];
    concat(queue.streams$.pipe(take(1)), queue.streams$).subscribe(({ id }) => seen.push(id));
    expect(seen).toStrictEqual([3, 5, 7]);
    push(queue, 9);
    expect(seen).toStrictEqual([3, 5, 7, 9]);
  });

  describe('is full', () => {
    it('when as many wait as may, and nobody takes them', () => {
      const queue = new AcceptQueue();
      expect(queue.isFull(2)).toBe(false);
      push(queue, 3);
      expect(queue.isFull(2)).toBe(false);
      push(queue, 5);
      expect(queue.isFull(2)).toBe(true);
      collect(queue);
      expect(queue.isFull(2)).toBe(false);
    });

    it('at once with a size of 0, unless somebody is subscribed', () => {
      const queue = new AcceptQueue();
      expect(queue.isFull(0)).toBe(true);
      const subscription = collect(queue, []);
      expect(queue.isFull(0)).toBe(false);
      subscription.unsubscribe();
      expect(queue.isFull(0)).toBe(true);
    });
  });

  describe('at the end', () => {
    it('completes the subscriber', () => {
      const queue = new AcceptQueue();
      const seen = collect(queue);
      queue.end();
      expect(seen).toStrictEqual(['|']);
    });

    it('hands over what waits before it completes', () => {
      const queue = new AcceptQueue();
      push(queue, 3, 5);
      queue.end();
      expect(collect(queue)).toStrictEqual([3, 5, '|']);
      expect(collect(queue)).toStrictEqual(['|']);
    });
  });

  it('hands over what waits although the session ends while it does', () => {
    const queue = new AcceptQueue();
    push(queue, 3, 5);
    const seen: unknown[] = [];
    queue.streams$.subscribe({
      next: ({ id }) => {
        seen.push(id);
        queue.end();
      },
      complete: () => seen.push('|'),
    });
    expect(seen).toStrictEqual([3, 5, '|']);
  });

  it('gives away what nobody has taken when it is drained', () => {
    const queue = new AcceptQueue();
    push(queue, 3, 5);
    expect([...queue.drain()].map(({ id }) => id)).toStrictEqual([3, 5]);
    expect([...queue.drain()]).toStrictEqual([]);
    expect(collect(queue)).toStrictEqual([]);
  });
});

/** Only the ID of a stream matters here. */
function push(queue: AcceptQueue, ...ids: number[]): void {
  for (const id of ids) queue.push({ id } as SmuxStream);
}

function collect(queue: AcceptQueue): unknown[];
function collect(queue: AcceptQueue, seen: unknown[]): Subscription;
function collect(queue: AcceptQueue, seen?: unknown[]): unknown {
  const log = seen ?? [];
  const subscription = queue.streams$.subscribe({
    next: ({ id }) => log.push(id),
    error: (error) => log.push(error),
    complete: () => log.push('|'),
  });
  return seen ? subscription : log;
}
