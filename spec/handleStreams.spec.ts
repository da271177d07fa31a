import { config, from, NEVER, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { handleStreams } from '../lib/handleStreams.js';
import { type SmuxStream } from '../lib/stream.js';
import { marbles } from './helpers/marbles.js';
import { observe } from './helpers/observe.js';

describe('handleStreams', () => {
  it(
    'serves every stream with a handler of its own',
    marbles((helpers) => {
      const { hot, cold, expectObservable, expectSubscriptions, flush } = helpers;
      const streams = { a: fakeStream(), b: fakeStream(), c: fakeStream() };
      const source = hot('  --a---b--c---|', streams);
      const a = cold('        ----|');
      const b = cold('            ---#', {}, broken);
      const c = cold('               -----|');
      const expected = '    --------------|';
      const handlers = new Map([
        [streams.a, a],
        [streams.b, b],
        [streams.c, c],
      ]);
      const failed: unknown[] = [];
      const onError = (error: unknown, stream: SmuxStream) => failed.push(error, stream);

      expectObservable(source.pipe(handleStreams((stream) => handlers.get(stream) ?? NEVER, { onError }))).toBe(
        expected,
      );
      expectSubscriptions(source.subscriptions).toBe('^------------!');
      expectSubscriptions(a.subscriptions).toBe('     --^---!');
      expectSubscriptions(b.subscriptions).toBe('     ------^--!');
      expectSubscriptions(c.subscriptions).toBe('     ---------^----!');
      flush();
      expect(failed).toStrictEqual([broken, streams.b]);
      expect(log(streams.a)).toStrictEqual(['close']);
      expect(log(streams.b)).toStrictEqual([broken, 'close']);
      expect(log(streams.c)).toStrictEqual(['close']);
    }),
  );

  it(
    'completes with an empty source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<SmuxStream>(' --|');
      const subs = '                    ^-!';
      const expected = '                --|';

      expectObservable(source.pipe(handleStreams(() => NEVER))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'ignores what handlers emit',
    marbles(({ hot, cold, expectObservable }) => {
      const source = hot(' -a-|', { a: fakeStream() });
      const handler = cold(' xyz|');
      const expected = '   ----|';

      expectObservable(source.pipe(handleStreams(() => handler))).toBe(expected);
    }),
  );

  it(
    'closes all streams when the source fails',
    marbles(({ hot, cold, expectObservable, expectSubscriptions, flush }) => {
      const stream = fakeStream();
      const source = hot(' -a--#', { a: stream });
      const handler = cold(' ------');
      const expected = '   ----#';

      expectObservable(source.pipe(handleStreams(() => handler))).toBe(expected);
      expectSubscriptions(handler.subscriptions).toBe('-^--!');
      flush();
      expect(log(stream)).toStrictEqual(['close']);
    }),
  );

  it(
    'closes all streams when it is unsubscribed',
    marbles(({ hot, cold, expectObservable, expectSubscriptions, flush }) => {
      const streams = { a: fakeStream(), b: fakeStream() };
      const source = hot('  -a-b----', streams);
      const handler = cold('  -------');
      const unsub = '       -----!';
      const expected = '    ------';

      expectObservable(source.pipe(handleStreams(() => handler)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe('^----!');
      expectSubscriptions(handler.subscriptions).toBe(['-^---!', '---^-!']);
      flush();
      expect([log(streams.a), log(streams.b)]).toStrictEqual([['close'], ['close']]);
    }),
  );

  it('serves streams at the same time, any number of them', () => {
    const handler = new Subject();
    const served: SmuxStream[] = [];
    const source = Array.from({ length: 5000 }, fakeStream);
    observe(
      from(source).pipe(
        handleStreams((stream) => {
          served.push(stream);
          return handler;
        }),
      ),
    );
    expect(served).toStrictEqual(source);
    handler.complete();
    expect(source.every((stream) => log(stream).length === 1)).toBe(true);
  });

  it.each([
    [
      'throws',
      () => {
        throw broken;
      },
    ],
    ['notifies of an error', () => throwError(() => broken)],
  ])('aborts only the stream whose handler %s', (_, failing) => {
    const source = new Subject<SmuxStream>();
    const [bad, good] = [fakeStream(), fakeStream()];
    const onError = vi.fn();
    const result = observe(source.pipe(handleStreams((stream) => (stream === bad ? failing() : NEVER), { onError })));
    source.next(good);
    source.next(bad);
    expect(result.error).toBeUndefined();
    expect(log(bad)).toStrictEqual([broken, 'close']);
    expect(log(good)).toStrictEqual([]);
    expect(onError.mock.calls).toStrictEqual([[broken, bad]]);
  });

  it('aborts the stream before it tells of it', () => {
    const stream = fakeStream();
    let seen: unknown[] = [];
    const onError = () => {
      seen = [...log(stream)];
    };
    observe(of(stream).pipe(handleStreams(() => throwError(() => broken), { onError })));
    expect(seen).toStrictEqual([broken]);
  });

  it('goes on when whoever is told throws, and reports that once', async () => {
    const unhandled = vi.fn();
    config.onUnhandledError = unhandled;
    const source = new Subject<SmuxStream>();
    const [bad, good] = [fakeStream(), fakeStream()];
    const onError = () => {
      throw new Error('the reporter broke');
    };
    const handler = (stream: SmuxStream) => (stream === bad ? throwError(() => broken) : NEVER);
    const result = observe(source.pipe(handleStreams(handler, { onError })));
    source.next(good);
    source.next(bad);
    await vi.waitUntil(() => unhandled.mock.calls.length > 0);
    config.onUnhandledError = null;
    expect(unhandled).toHaveBeenCalledTimes(1);
    expect(result.error).toBeUndefined();
    expect(log(good)).toStrictEqual([]);
  });

  it('needs nobody to be told of failures', () => {
    const stream = fakeStream();
    expect(observe(of(stream).pipe(handleStreams(() => throwError(() => broken))))).toMatchObject({
      isComplete: true,
      error: undefined,
    });
    expect(log(stream)).toStrictEqual([broken, 'close']);
  });

  it('takes Promises and async functions for handlers', async () => {
    const [good, bad] = [fakeStream(), fakeStream()];
    const handled = new Promise<void>((resolve) => {
      of(good, bad)
        .pipe(
          handleStreams(async (stream) => {
            await Promise.resolve();
            if (stream === bad) throw broken;
          }),
        )
        .subscribe({ complete: resolve });
    });
    await handled;
    expect(log(good)).toStrictEqual(['close']);
    expect(log(bad)).toStrictEqual([broken, 'close']);
  });
});

const broken = new Error('broken');
const logs = new WeakMap<object, unknown[]>();

/** What has been done to a stream: `close`, or the cause of its abortion. */
function fakeStream(): SmuxStream {
  const done: unknown[] = [];
  const stream = { close: () => done.push('close'), error: (cause: unknown) => done.push(cause) };
  logs.set(stream, done);
  return stream as unknown as SmuxStream;
}

function log(stream: SmuxStream): unknown[] {
  return logs.get(stream) ?? [];
}
