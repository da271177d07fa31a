import { describe, expect, it } from 'vitest';
import { SessionError } from '../../lib/errors.js';
import { assertDeepEqual } from '../../lib/testing/assertDeepEqual.js';
import { hex } from '../helpers/bytes.js';

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}
const cycle = (name: string) => {
  const node: { name: string; self?: unknown } = { name };
  node.self = node;
  return node;
};
const shared = () => undefined;

describe('assertDeepEqual', () => {
  it.each([
    [Number.NaN, Number.NaN],
    ['text', 'text'],
    [
      [1, [2, { a: 3 }]],
      [1, [2, { a: 3 }]],
    ],
    [
      { a: 1, b: undefined },
      { b: undefined, a: 1 },
    ],
    [hex('00ff'), hex('00ff')],
    [new Map([['a', { b: 1 }]]), new Map([['a', { b: 1 }]])],
    [new Set([1, 2]), new Set([1, 2])],
    [new Date(5), new Date(5)],
    [/a/g, /a/g],
    [new Point(1, 2), new Point(1, 2)],
    [shared, shared],
    [cycle('a'), cycle('a')],
    [new SessionError('SMUX_ERR_LINK_LOST', 'lost'), new SessionError('SMUX_ERR_LINK_LOST', 'lost')],
  ])('lets %o pass', (actual, expected) => {
    expect(() => assertDeepEqual(actual, expected)).not.toThrow();
  });

  it.each([
    [0, -0],
    [1, '1'],
    [null, undefined],
    [null, {}],
    [[1, 2], [1]],
    [{ a: 1 }, { a: 1, b: undefined }],
    [hex('00ff'), hex('00fe')],
    [hex('00ff'), [0, 255]],
    [new Map([['a', 1]]), new Map([['a', 2]])],
    [new Set([1]), new Set([2])],
    [new Date(5), new Date(6)],
    [/a/g, /a/i],
    [new Point(1, 2), { x: 1, y: 2 }],
    [() => 1, () => 1],
    [cycle('a'), cycle('b')],
    [new Error('one'), new Error('other')],
    [new Error('one'), new Error('one', { cause: 1 })],
    [new SessionError('SMUX_ERR_LINK_LOST', 'lost'), new SessionError('SMUX_ERR_CONNECT', 'lost')],
  ])('tells %o from %o', (actual, expected) => {
    expect(() => assertDeepEqual(actual, expected)).toThrow('not as expected');
  });

  it('shows both sides in a line each', () => {
    const actual = {
      text: 'a',
      bytes: hex('00'),
      error: new Error('b'),
      deep: { deep: { deep: { deep: 1 } } },
      f: shared,
    };
    expect(() => assertDeepEqual(actual, new Map([[new Point(1, 2), new Set([null])]]))).toThrow(
      [
        'not as expected (- expected, + actual):',
        '- Map [[Point { x: 1, y: 2 }, Set [null]]]',
        '+ { text: "a", bytes: 1 byte 00, error: Error: b, deep: { deep: { deep: … } }, f: function shared }',
      ].join('\n'),
    );
  });
});
