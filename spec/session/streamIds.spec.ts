import { describe, expect, it } from 'vitest';
import { framesOf } from '../../lib/testing/index.js';
import { observe } from '../helpers/observe.js';
import { scriptedPeers } from '../helpers/scriptedPeers.js';

const { syn, fin } = framesOf(2);
const started = scriptedPeers();

describe('stream IDs', () => {
  const opener = (role: 'client' | 'server', nextStreamId?: number) => {
    const counters = nextStreamId === undefined ? {} : { nextStreamId };
    const peer = started({ role, version: 2, keepAliveDisabled: true }, counters);
    const open = () => {
      try {
        return peer.session.open().id;
      } catch (error) {
        expect(error).toMatchObject({ code: 'SMUX_ERR_STREAM_IDS' });
        return undefined;
      }
    };
    return { ...peer, open, openMany: (count: number) => Array.from({ length: count }, open) };
  };

  it.each([
    ['client', [3, 5, 7, 9]],
    ['server', [2, 4, 6, 8]],
  ] as const)('of a %s are %j', (role, expected) => {
    expect(opener(role).openMany(4)).toStrictEqual(expected);
  });

  it('pass over those that the peer has taken', async () => {
    const peer = opener('client');
    await peer.receive(syn(3), syn(5), syn(9));
    expect(peer.openMany(2)).toStrictEqual([7, 11]);
  });

  it('never come twice, even when the peer has let go of them', async () => {
    const peer = opener('server');
    const accepted = observe(peer.session.streams$);
    await peer.receive(syn(2));
    expect(peer.open()).toBe(4);
    accepted.values[0]?.close();
    await peer.receive(fin(2));
    expect(peer.session.streamCount).toBe(1);
    expect(peer.open()).toBe(6);
  });

  it('are taken or not when their turn has come, not before', async () => {
    const peer = opener('client');
    expect(peer.open()).toBe(3);
    await peer.receive(syn(5));
    expect(peer.open()).toBe(7);
  });

  it.each([
    ['client', 0x7fffffff, [0x7fffffff, 0x80000001, 0x80000003]],
    ['server', 0x7ffffffe, [0x7ffffffe, 0x80000000, 0x80000002]],
  ] as const)('of a %s go on beyond 2^31', (role, next, expected) => {
    expect(opener(role, next).openMany(3)).toStrictEqual(expected);
  });

  it.each([
    ['client', 0xfffffffb, [0xfffffffb, 0xfffffffd, 0xffffffff, undefined, undefined]],
    ['server', 0xfffffffa, [0xfffffffa, 0xfffffffc, 0xfffffffe, undefined, undefined]],
  ] as const)('of a %s end with the last one, for good', (role, next, expected) => {
    expect(opener(role, next).openMany(5)).toStrictEqual(expected);
  });

  it.each([
    ['client', 0xffffffff],
    ['server', 0xfffffffe],
  ] as const)('of a %s are used up when the last one is taken', async (role, last) => {
    const peer = opener(role, last);
    const accepted = observe(peer.session.streams$);
    await peer.receive(syn(last));
    expect(peer.open()).toBeUndefined();
    accepted.values[0]?.close();
    await peer.receive(fin(last));
    expect(peer.session.streamCount).toBe(0);
    expect(peer.open()).toBeUndefined();
  });
});
