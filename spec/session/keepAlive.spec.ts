import { asyncScheduler, interval, Subject, takeUntil, timer } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { SessionError } from '../../lib/errors.js';
import { resolveOptions, type SmuxOptions } from '../../lib/options.js';
import { keepAlive } from '../../lib/session/keepAlive.js';
import { marbles } from '../helpers/marbles.js';

/** NOPs every 4 frames of virtual time, silence of 12 is the end; it is looked for every 3. */
const NORMAL = { keepAliveInterval: 4, keepAliveTimeout: 12 };

describe('keepAlive', () => {
  it(
    'emits when a NOP is due, first after one interval, and errors when the peer has been silent',
    marbles((helpers) => {
      const { hot, expectObservable } = helpers;
      const peer = hot(' --x--------------');
      const expected = ' ----n---n---n--#';
      const link = new Link(peer);

      expectObservable(link.keepAlive(NORMAL)).toBe(expected, nops, silence(12));
    }),
  );

  it(
    'goes on for as long as the peer is heard',
    marbles(({ hot, expectObservable }) => {
      const peer = hot(' -x-----------x---------x-----------x-');
      const unsub = '   -------------------------------------!';
      const expected = ' ----n---n---n---n---n---n---n---n---n';
      const link = new Link(peer);

      expectObservable(link.keepAlive(NORMAL), unsub).toBe(expected, nops);
    }),
  );

  it(
    'dies at the timeout when nothing was ever heard',
    marbles(({ hot, expectObservable }) => {
      const peer = hot(' -----');
      const expected = ' ----n---n---(n#)';
      const link = new Link(peer);

      expectObservable(link.keepAlive(NORMAL)).toBe(expected, nops, silence(12));
    }),
  );

  it('notices silence between one timeout and a quarter more, whenever it begins', () => {
    for (let heardAt = 1; heardAt <= 200; heardAt++) {
      const erroredAt = run({ keepAliveInterval: 1000, keepAliveTimeout: 1000 }, (link, at) => {
        if (at <= heardAt) link.received = at;
      });
      expect(erroredAt - heardAt).toBeGreaterThanOrEqual(1000);
      expect(erroredAt - heardAt).toBeLessThanOrEqual(1250);
    }
  });

  it('takes any change of the count of bytes for life, a count that wraps or starts anew too', () => {
    const erroredAt = run({ keepAliveInterval: 100, keepAliveTimeout: 100 }, (link, at) => {
      if (at === 90) link.received = 1;
      if (at === 180) link.received = 0;
    });
    expect(erroredAt).toBe(300);
  });

  it('does not count what was received before the subscription as silence', () => {
    const erroredAt = run({ keepAliveInterval: 100, keepAliveTimeout: 100 }, () => undefined, { received: 12_345 });
    expect(erroredAt).toBe(100);
  });

  it('tolerates any silence while we do not read', () => {
    const erroredAt = run({ keepAliveInterval: 100, keepAliveTimeout: 100 }, (link, at) => {
      link.isPaused = at > 50;
    });
    expect(erroredAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts silence anew when we read again', () => {
    for (let resumedAt = 1000; resumedAt < 1025; resumedAt++) {
      const erroredAt = run({ keepAliveInterval: 100, keepAliveTimeout: 100 }, (link, at) => {
        link.isPaused = at < resumedAt;
      });
      // The last look before may be almost a quarter old.
      expect(erroredAt - resumedAt).toBeGreaterThanOrEqual(75);
      expect(erroredAt - resumedAt).toBeLessThanOrEqual(125);
    }
  });

  it(
    'goes on sending NOPs while we do not read',
    marbles(({ hot, expectObservable }) => {
      const peer = hot(' ----');
      const unsub = '   ---------------------!';
      const expected = ' ----n---n---n---n---n';
      const link = new Link(peer);
      link.isPaused = true;

      expectObservable(link.keepAlive(NORMAL), unsub).toBe(expected, nops);
    }),
  );

  it('takes a NOP of the peer for a sign that ours is due when ours is late, at most once an interval', () => {
    vi.useFakeTimers();
    const link = new Link();
    let nops = 0;
    const running = link.keepAlive({ keepAliveInterval: 1000, keepAliveTimeout: 1000 }).subscribe(() => nops++);
    const hear = () => {
      link.nopHeard$.next();
      link.nopHeard$.next();
      return nops;
    };
    expect(hear()).toBe(0); // it is not late
    vi.setSystemTime(Date.now() + 999);
    expect(hear()).toBe(0);
    vi.setSystemTime(Date.now() + 1); // our timers are throttled
    expect(hear()).toBe(1);
    vi.setSystemTime(Date.now() + 999);
    expect(hear()).toBe(1);
    running.unsubscribe();
    expect(link.nopHeard$.observed).toBe(false);
    vi.useRealTimers();
  });

  it(
    'does nothing at all when it is disabled',
    marbles(({ hot, expectObservable }) => {
      const peer = hot(' ----');
      const expected = ' |';
      const link = new Link(peer);

      expectObservable(link.keepAlive({ ...NORMAL, keepAliveDisabled: true })).toBe(expected);
    }),
  );

  it(
    'stops its timers when it is unsubscribed',
    marbles(({ flush, hot }) => {
      const link = new Link(hot(' ----'));
      const running = link.keepAlive(NORMAL).subscribe();
      running.unsubscribe();
      flush(); // would go on for ever
      expect(running.closed).toBe(true);
    }),
  );
});

/** What keepAlive sees of a link. */
class Link {
  received = 0;
  isPaused = false;
  readonly nopHeard$ = new Subject<void>();

  constructor(peer?: { subscribe(next: () => void): unknown }) {
    peer?.subscribe(() => this.received++);
  }

  keepAlive(options: SmuxOptions) {
    return keepAlive(
      resolveOptions({ role: 'client', ...options }),
      () => this.received,
      () => this.isPaused,
      this.nopHeard$,
    );
  }
}

/** Runs for 3000 ms of virtual time, and changes the link in each one as told. @returns when it errored */
function run(options: SmuxOptions, change: (link: Link, at: number) => void, before: Partial<Link> = {}): number {
  const link = Object.assign(new Link(), before);
  let erroredAt = Number.POSITIVE_INFINITY;
  marbles(() => {
    const end$ = timer(3000);
    interval(1)
      .pipe(takeUntil(end$))
      .subscribe((count) => change(link, count + 1));
    link
      .keepAlive(options)
      .pipe(takeUntil(end$))
      .subscribe({
        error: () => {
          erroredAt = asyncScheduler.now();
        },
      });
  })();
  return erroredAt;
}

function silence(timeout: number): SessionError {
  return new SessionError('SMUX_ERR_KEEPALIVE_TIMEOUT', `nothing was heard of the peer for ${timeout} ms`);
}

const nops = { n: expect.any(Number) };
