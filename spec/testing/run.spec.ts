import { asapScheduler, asyncScheduler, catchError, ignoreElements, interval, of, retry, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type SmuxError, type Transport } from '../../lib/index.js';
import { createSession } from '../../lib/session.js';
import { run, syn } from '../../lib/testing/index.js';
import { observe } from '../helpers/observe.js';

describe('run', () => {
  it('is virtual time, and returns what the test does', () => {
    const startedAt = Date.now();
    const seen = run(({ linkedSessions, flush }) => {
      const { client, server } = linkedSessions({ link: { latency: 5000 } });
      const accepted = observe(server.streams$).values;
      client.open();
      flush();
      return [accepted.length, asyncScheduler.now()];
    });
    expect(seen).toEqual([1, 60_000]);
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  it('ends although a keepalive would go on for ever, when it is told to', () => {
    let last = 0;
    run(
      ({ linkedSessions }) => {
        linkedSessions();
        interval(1000).subscribe(() => {
          last = asyncScheduler.now();
        });
      },
      { until: 12_345 },
    );
    expect(last).toBe(12_000);
  });

  it('destroys its sessions and links behind the expectations', () => {
    const { sessions, link } = run(({ linkedSessions, frames, createSession, expectObservable, expectStream }) => {
      const { client, server, link } = linkedSessions();
      const stream = client.open();
      expectObservable(client.closed$).toBe('');
      expectStream(stream).toBe('');
      return { sessions: [client, server, createSession(frames(''), { role: 'client' })], link };
    });
    for (const session of sessions) expect(session.isClosed).toBe(true);
    for (const end of link) expect(end.isDestroyed).toBe(true);
  });

  it('leaves nothing behind: neither turns nor timers', () => {
    run(({ linkedTransports }) => {
      const [a, b] = linkedTransports();
      createSession(a, { role: 'client' }).open(); // by code that does not know the helpers
      createSession(b, { role: 'server' });
    });
    expect(asapScheduler.actions).toEqual([]);
  });

  it('leaves the schedulers as they were, also when a test throws', async () => {
    const failing = () =>
      run(({ linkedSessions }) => {
        linkedSessions().client.open();
        throw new Error('a failed test');
      });
    expect(failing).toThrow('a failed test');
    expect(asapScheduler.actions).toEqual([]);
    await new Promise<void>((resolve) => asapScheduler.schedule(resolve));
    expect(asyncScheduler.now()).toBeGreaterThan(1e12);
  });

  it('is not kept going by code that starts anew when its session ends', () => {
    let attempts = 0;
    run(({ connect, linkedTransports }) => {
      const session$ = connect(
        (attempt) => {
          attempts = attempt;
          return linkedTransports()[0];
        },
        { keepAliveDisabled: true },
      );
      session$.pipe(retry({ delay: 10 })).subscribe({ error: () => undefined });
    });
    expect(attempts).toBe(1);
  });

  it('throws what nobody handles', () => {
    const failing = () =>
      run(() => {
        timer(5).subscribe(() => {
          throw new Error('unhandled');
        });
      });
    expect(failing).toThrow('unhandled');
  });

  it('survives a timer that is cleared by a turn of its own moment', () => {
    run(({ flush }) => {
      const cleared = timer(0).subscribe();
      asapScheduler.schedule(() => cleared.unsubscribe());
      flush();
    });
  });

  it('compares with what it is given', () => {
    const compared: unknown[] = [];
    const assertDeepEqual = (...pair: unknown[]) => void compared.push(pair);
    run(({ cold, expectObservable }) => expectObservable(cold('|')).toBe('--'), { assertDeepEqual });
    expect(compared).toMatchObject([[[{ frame: 0, notification: { kind: 'C' } }], []]]);
  });

  it('refuses an async test, whose time would not pass', () => {
    expect(() => run(async () => undefined)).toThrow(TypeError);
  });

  it.each([-1, Number.POSITIVE_INFINITY, Number.NaN])('refuses to go on until %d', (until) => {
    expect(() => run(() => undefined, { until })).toThrow(RangeError);
  });

  it('has a deep comparison of its own, with readable failures', () => {
    const failing = () => run(({ cold, expectObservable }) => expectObservable(cold('-a-b|')).toBe('-a--b|'));
    expect(failing).toThrow(
      [
        'not as expected (- expected, + actual):',
        '       1 ms  next "a"',
        '-      4 ms  next "b"',
        '-      5 ms  complete',
        '+      3 ms  next "b"',
        '+      4 ms  complete',
      ].join('\n'),
    );
  });
});

describe('connect', () => {
  it('makes a session a subscription, which lives as long as it', () => {
    run(({ connect, frames, expectObservable, expectFrames }) => {
      const [breaking, ending, lasting] = [frames('--#', {}, 'cable'), frames('---|'), frames('')];
      const options = { keepAliveDisabled: true };
      const codeOf = (error: SmuxError) => of(error.code);
      const lifeOf = (transport: Transport) => connect(() => transport, options).pipe(ignoreElements());

      expectObservable(lifeOf(breaking).pipe(catchError(codeOf))).toBe('--(x|)', { x: 'SMUX_ERR_LINK_LOST' });
      expectObservable(lifeOf(ending)).toBe('---|');
      expectObservable(lifeOf(lasting), '^---!').toBe('-----');
      expectFrames(lasting).toBe('----|');
    });
  });

  it('counts attempts', () => {
    run(({ connect, frames, expectFrames }) => {
      const peers = [frames('--#'), frames('--')] as const;
      const session$ = connect((attempt) => peers[attempt - 1] as Transport, { keepAliveDisabled: true });
      session$.pipe(retry({ delay: 5 })).subscribe((session) => session.open());
      for (const peer of peers) expectFrames(peer).toBe('s', { s: syn(3) });
    });
  });
});

describe('linkedSessions', () => {
  it('gives both sessions the options, and the link its own', () => {
    run(
      ({ linkedSessions, expectObservable }) => {
        const { client, server } = linkedSessions({ version: 1, link: { breakAfterMs: 3 } });
        expect([client.version, server.version]).toEqual([1, 1]);
        expectObservable(client.closed$).toBe('---(c|)', { c: expect.anything() });
      },
      { assertDeepEqual: (actual, expected) => expect(actual).toEqual(expected) },
    );
  });
});
