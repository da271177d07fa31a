import { describe, expect, it } from 'vitest';
import { StreamIds } from '../../lib/session/StreamIds.js';

describe('StreamIds', () => {
  it.each([
    ['client', [3, 5, 7, 9]],
    ['server', [2, 4, 6, 8]],
  ] as const)('gives a %s %j', (role, expected) => {
    const ids = new StreamIds(role);
    expect(expected.map(() => ids.take(never))).toStrictEqual(expected);
  });

  it('passes over IDs that the peer has taken', () => {
    const ids = new StreamIds('client');
    const taken = new Set([3, 5, 9]);
    const take = () => ids.take((id) => taken.has(id));
    expect([take(), take()]).toStrictEqual([7, 11]);
  });

  it('never gives an ID twice, even when the peer has let go of it', () => {
    const ids = new StreamIds('server');
    const taken = new Set([2]);
    expect(ids.take((id) => taken.has(id))).toBe(4);
    taken.clear();
    expect(ids.take((id) => taken.has(id))).toBe(6);
  });

  it.each([
    ['client', 0x7fffffff, [0x7fffffff, 0x80000001, 0x80000003]],
    ['server', 0x7ffffffe, [0x7ffffffe, 0x80000000, 0x80000002]],
  ] as const)('counts on beyond 2^31 for a %s', (role, next, expected) => {
    const ids = new StreamIds(role, next);
    expect(expected.map(() => ids.take(never))).toStrictEqual(expected);
  });

  it.each([
    ['client', 0xfffffffb, [0xfffffffb, 0xfffffffd, 0xffffffff, undefined, undefined]],
    ['server', 0xfffffffa, [0xfffffffa, 0xfffffffc, 0xfffffffe, undefined, undefined]],
  ] as const)('has no more for a %s after the last one, for good', (role, next, expected) => {
    const ids = new StreamIds(role, next);
    expect(expected.map(() => ids.take(never))).toStrictEqual(expected);
  });

  it.each([
    ['client', 0xffffffff],
    ['server', 0xfffffffe],
  ] as const)('has none for a %s when the last one is taken', (role, last) => {
    const ids = new StreamIds(role, last);
    expect(ids.take((id) => id === last)).toBeUndefined();
    expect(ids.take(never)).toBeUndefined();
  });
});

function never(): boolean {
  return false;
}
