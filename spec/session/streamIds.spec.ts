import { describe, expect, it } from 'vitest';
import { streamIds } from '../../lib/session/streamIds.js';

describe('streamIds', () => {
  it.each([
    ['client', [3, 5, 7, 9]],
    ['server', [2, 4, 6, 8]],
  ] as const)('gives a %s %j', (role, expected) => {
    const ids = streamIds(role, never);
    expect(expected.map(() => ids.next().value)).toStrictEqual(expected);
  });

  it('passes over IDs that the peer has taken', () => {
    const taken = new Set([3, 5, 9]);
    const ids = streamIds('client', (id) => taken.has(id));
    expect([ids.next().value, ids.next().value]).toStrictEqual([7, 11]);
  });

  it('never gives an ID twice, even when the peer has let go of it', () => {
    const taken = new Set([2]);
    const ids = streamIds('server', (id) => taken.has(id));
    expect(ids.next().value).toBe(4);
    taken.clear();
    expect(ids.next().value).toBe(6);
  });

  it('asks whether an ID is taken when its turn has come, not before', () => {
    const taken = new Set<number>();
    const ids = streamIds('client', (id) => taken.has(id));
    expect(ids.next().value).toBe(3);
    taken.add(5);
    expect(ids.next().value).toBe(7);
  });

  it.each([
    ['client', 0x7fffffff, [0x7fffffff, 0x80000001, 0x80000003]],
    ['server', 0x7ffffffe, [0x7ffffffe, 0x80000000, 0x80000002]],
  ] as const)('counts on beyond 2^31 for a %s', (role, next, expected) => {
    const ids = streamIds(role, never, next);
    expect(expected.map(() => ids.next().value)).toStrictEqual(expected);
  });

  it.each([
    ['client', 0xfffffffb, [0xfffffffb, 0xfffffffd, 0xffffffff, undefined, undefined]],
    ['server', 0xfffffffa, [0xfffffffa, 0xfffffffc, 0xfffffffe, undefined, undefined]],
  ] as const)('has no more for a %s after the last one, for good', (role, next, expected) => {
    const ids = streamIds(role, never, next);
    expect(expected.map(() => ids.next().value)).toStrictEqual(expected);
  });

  it.each([
    ['client', 0xffffffff],
    ['server', 0xfffffffe],
  ] as const)('has none for a %s when the last one is taken', (role, last) => {
    const taken = new Set<number>([last]);
    const ids = streamIds(role, (id) => taken.has(id), last);
    expect(ids.next().value).toBeUndefined();
    taken.clear();
    expect(ids.next().value).toBeUndefined();
  });
});

function never(): boolean {
  return false;
}
