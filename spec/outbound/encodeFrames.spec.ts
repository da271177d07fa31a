import { from, of, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { encodeFrames } from '../../lib/outbound/encodeFrames.js';
import { framesOf } from '../../lib/testing/index.js';
import { type Frame } from '../../lib/wire/frame.js';
import { counting, hex, toHex } from '../helpers/bytes.js';
import { marbles } from '../helpers/marbles.js';

type Batch = readonly Frame[];

describe('encodeFrames', () => {
  it(
    'turns each batch of frames into one of bytes',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --a-----b--|', batches);
      const subs = '        ^----------!';
      const expected = '    --x-----y--|';

      expectObservable(source.pipe(encodeFrames())).toBe(expected, bytes);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'encodes nothing of an empty source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Batch>(' --|');
      const subs = '               ^-!';
      const expected = '           --|';

      expectObservable(source.pipe(encodeFrames())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'waits for a source that never emits',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Batch>(' ------');
      const subs = '               ^-----';
      const expected = '           ------';

      expectObservable(source.pipe(encodeFrames())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes errors of the source on',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --b--#', batches);
      const subs = '        ^----!';
      const expected = '    --y--#';

      expectObservable(source.pipe(encodeFrames())).toBe(expected, bytes);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'lets go of the source when it is unsubscribed',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --a--b--b', batches);
      const subs = '        ^-----!';
      const unsub = '       ------!';
      const expected = '    --x--y-';

      expectObservable(source.pipe(encodeFrames()), unsub).toBe(expected, bytes);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'encodes for each subscription',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                  --a--b--|', batches);
      const subs = ['                        ^-------!', '---^-------!'];
      const result = source.pipe(encodeFrames());

      expectObservable(result).toBe('        --x--y--|', bytes);
      expectObservable(result, '---^').toBe('-----x--y--|', bytes);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'errors on a frame that cannot be written, and lets go of the source',
    marbles((helpers) => {
      const { hot, expectObservable, expectSubscriptions } = helpers;
      const source = hot('  --b--w--b', { ...batches, w: [psh(3, counting(65_536))] });
      const subs = '        ^----!';
      const expected = '    --y--#';
      const error = new RangeError('a payload must be at most 65535 bytes, got 65536');

      expectObservable(source.pipe(encodeFrames())).toBe(expected, bytes, error);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it('passes large payloads on as they are', () => {
    const payload = counting(5000);
    const seen: (readonly Uint8Array[])[] = [];
    of([psh(3, payload), ...batches.b])
      .pipe(encodeFrames())
      .subscribe((parts) => seen.push(parts));
    expect(seen).toHaveLength(1);
    expect(seen[0]?.map(toHex)).toStrictEqual(['0102881303000000', toHex(payload), '0103000000000000']);
    expect(seen[0]?.[1]).toBe(payload);
  });

  it('stops a synchronous source as soon as nobody listens', () => {
    let pulled = 0;
    function* endless() {
      for (;;) {
        pulled++;
        yield batches.b;
      }
    }
    from(endless()).pipe(encodeFrames(), take(2)).subscribe();
    expect(pulled).toBe(2);
  });
});

const { nop, psh, syn } = framesOf(1);
const batches: { readonly a: Batch; readonly b: Batch } = {
  a: [syn(3), psh(3, 'hello')],
  b: [nop()],
};
const bytes = {
  x: [hex('01 00 0000 03000000  01 02 0500 03000000 68656c6c6f')],
  y: [hex('01 03 0000 00000000')],
};
