import { from, of, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../lib/errors.js';
import { decodeFrames } from '../../lib/inbound/decodeFrames.js';
import { framesOf } from '../../lib/testing/index.js';
import { type Frame } from '../../lib/wire/frame.js';
import { hex } from '../helpers/bytes.js';
import { marbles } from '../helpers/marbles.js';

describe('decodeFrames', () => {
  it(
    'cuts chunks into frames, however they are split',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --h----H---x---|', chunks);
      const subs = '        ^--------------!';
      const expected = '    -------a---(bc)|';

      expectObservable(source.pipe(decodeFrames(1))).toBe(expected, frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'makes no frames of an empty source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Uint8Array>(' --|');
      const subs = '        ^-!';
      const expected = '    --|';

      expectObservable(source.pipe(decodeFrames('auto'))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'waits for a source that never emits',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Uint8Array>(' ------');
      const subs = '        ^-----';
      const expected = '    ------';

      expectObservable(source.pipe(decodeFrames(1))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes a PSH frame on in pieces, one a chunk touched',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --p--q--r---|', {
        p: hex('01 02 0600 03000000 0a 0b'),
        q: hex('0c 0d'),
        r: hex('0e 0f 01 01 0000 03000000'),
      });
      const subs = '        ^-----------!';
      const expected = '    --x--y--(zc)|';

      expectObservable(source.pipe(decodeFrames(1))).toBe(expected, {
        x: psh('0a 0b'),
        y: psh('0c 0d'),
        z: psh('0e 0f'),
        c: frames.c,
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes the error of the source on, inside a frame too',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --x--h--#', chunks);
      const subs = '        ^-------!';
      const expected = '    --(bc)--#';

      expectObservable(source.pipe(decodeFrames(1))).toBe(expected, frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'errors on another version and lets go of the source',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --x--x--|', { x: hex('02 00 0000 03000000') });
      const subs = '        ^-!      ';
      const expected = '    --#      ';
      const error = new ProtocolError('SMUX_ERR_VERSION', 'expected version 1, got 2');

      expectObservable(source.pipe(decodeFrames(1))).toBe(expected, undefined, error);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'emits the frames before the wrong one',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --x--|', { x: hex('01 00 0000 03000000  01 05') });
      const subs = '        ^-!';
      const expected = '    --(a#)';
      const error = new ProtocolError('SMUX_ERR_COMMAND', 'version 1 has no command 5');

      expectObservable(source.pipe(decodeFrames(1))).toBe(expected, { a: v1.syn(3) }, error);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'errors when the source completes inside a frame',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --x--h--|', chunks);
      const subs = '        ^-------!';
      const expected = '    --(bc)--#';
      const error = new ProtocolError('SMUX_ERR_TRUNCATED', 'the input ended inside a frame, 4 bytes into its head');

      expectObservable(source.pipe(decodeFrames(1))).toBe(expected, frames, error);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'lets go of the source when it is unsubscribed',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --x--h--H--|', chunks);
      const subs = '        ^-----!';
      const unsub = '       ------!';
      const expected = '    --(bc)';

      expectObservable(source.pipe(decodeFrames(1)), unsub).toBe(expected, frames);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'decodes anew for each subscription',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   --h----H---x---|', chunks);
      const result = source.pipe(decodeFrames('auto'));
      const subs1 = '         ^--------------!';
      const subs2 = '         ---^--------------!';

      expectObservable(result).toBe('         -------a---(bc)|', frames);
      expectObservable(result, '---^').toBe(' ----------a---(bc)|', frames);
      expectSubscriptions(source.subscriptions).toBe([subs1, subs2]);
    }),
  );

  it('decodes a synchronous source in one go', () => {
    const seen: (Frame | string)[] = [];
    of(chunks.h, chunks.H, chunks.x)
      .pipe(decodeFrames(1))
      .subscribe({ next: (frame) => seen.push(frame), complete: () => seen.push('|') });
    expect(seen).toStrictEqual([frames.a, frames.b, frames.c, '|']);
  });

  it('stops a synchronous source as soon as nobody listens', () => {
    let pulled = 0;
    function* endless() {
      for (;;) {
        pulled++;
        yield chunks.x;
      }
    }
    const seen: Frame[] = [];
    from(endless())
      .pipe(decodeFrames(1), take(3))
      .subscribe((frame) => seen.push(frame));
    expect(seen).toStrictEqual([frames.b, frames.c, frames.b]);
    expect(pulled).toBe(2);
  });

  it('keeps the order of frames when a chunk arrives while a frame is being taken', () => {
    const source = new Subject<Uint8Array>();
    const seen: Frame[] = [];
    source.pipe(decodeFrames(1)).subscribe((frame) => {
      seen.push(frame);
      if (seen.length === 1) source.next(chunks.a);
    });
    source.next(chunks.x);
    expect(seen).toStrictEqual([frames.b, frames.c, frames.a]);
  });
});

function psh(payload: string): Frame {
  return v1.psh(3, hex(payload));
}

const v1 = framesOf(1);
const chunks = {
  a: hex('01 03 0000 00000000'),
  h: hex('01 03 0000'),
  H: hex('00000000'),
  x: hex('01 00 0000 03000000  01 01 0000 03000000'),
};
const frames = { a: v1.nop(), b: v1.syn(3), c: v1.fin(3) };
