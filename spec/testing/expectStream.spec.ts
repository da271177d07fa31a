import { throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { StreamError } from '../../lib/errors.js';
import { fin, psh, run, syn } from '../../lib/testing/index.js';
import { hex } from '../helpers/bytes.js';

const quiet = { keepAliveDisabled: true } as const;

describe('expectStream', () => {
  it('compares what a consumer sees with text and bytes, moment by moment', () => {
    run(({ frames, expectStream, createSession }) => {
      const peer = frames('  -s-a-(bc)f', {
        s: syn(2),
        a: psh(2, 'hello'),
        b: psh(2, 'two '),
        c: psh(2, 'one'),
        f: fin(2),
      });
      const expected = '     ---a-b---|';
      const session = createSession(peer, { role: 'client', ...quiet });
      session.streams$.subscribe((stream) => expectStream(stream).toBe(expected, { a: 'hello', b: 'two one' }));
    });
  });

  it('takes a mark for its own text, and groups for one', () => {
    run(({ coldBytes, expectStream }) => {
      expectStream(coldBytes('-a-(bc|)')).toBe('-a-(x|)', { x: 'bc' });
      expectStream(coldBytes('-a-(bc|)')).toBe('-a-(bc|)');
      expectStream(coldBytes('-a', { a: hex('00ff') })).toBe('-a', { a: hex('00ff') });
    });
  });

  it('subscribes and unsubscribes when it is told to', () => {
    run(({ coldBytes, expectStream }) => {
      expectStream(coldBytes('-a-b-c|'), '--^---!').toBe('---a-b');
    });
  });

  it('knows errors by their code', () => {
    run(({ coldBytes, expectStream }) => {
      const error = new StreamError('SMUX_ERR_STREAM_LOCKED', 3, 'taken');
      expectStream(throwError(() => error)).toBe('#', {}, 'SMUX_ERR_STREAM_LOCKED');
      expectStream(throwError(() => error)).toBe('#', {}, error);
      expectStream(coldBytes('--#', {}, error)).toBe('--#', {}, error);
      expectStream(coldBytes('--#')).toBe('--#');
    });
  });

  it('fails in words, not in bytes', () => {
    const failing = () =>
      run(({ coldBytes, expectStream }) => {
        const table = { a: 'hello', b: hex('00ff'), c: new Uint8Array(100_000), d: '' };
        expectStream(coldBytes('-a-b-c-d-#', table, new Error('boom'))).toBe('-a|', { a: 'hello' });
      });
    expect(failing).toThrow(
      [
        'not as expected (- expected, + actual):',
        '       1 ms  5 bytes "hello"',
        '-      2 ms  complete',
        '+      3 ms  2 bytes 00 ff',
        '+      5 ms  100000 bytes #f1a1b645',
        '+      7 ms  0 bytes',
        '+      9 ms  error Error: boom',
      ].join('\n'),
    );
  });
});

describe('grants', () => {
  it('are diagrams of demand: digits, or numbers of a table', () => {
    run(({ frames, grants, expectStream, createSession, expectObservable }) => {
      const peer = frames('    (sp)------q----', { s: syn(2), p: psh(2, 'abcdef'), q: psh(2, 'ghijklmnop') });
      const credit = '        --4----(2t)----|';
      const expected = '      --a----b--c----|';
      const session = createSession(peer, { role: 'client', ...quiet });
      const read$ = grants(credit, { t: 10 });
      expectObservable(read$).toBe('--4----(2t)----|', { 4: 4, 2: 2, t: 10 });
      session.streams$.subscribe((stream) =>
        expectStream(stream.demand(grants(credit, { t: 10 }))).toBe(expected, { a: 'abcd', b: 'ef', c: 'ghijklmnop' }),
      );
    });
  });

  it('refuse a mark that is no number', () => {
    expect(() => run(({ grants }) => grants('-x'))).toThrow('the diagram has "x", its table has not');
  });
});
