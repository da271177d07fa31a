import { afterEach, beforeEach, expect, vi } from 'vitest';
import { scriptedPeer } from './scriptedPeer.js';

/** For a file or a block of specs: fake timers, and scripted peers whose sessions leave none running behind each spec. */
export function scriptedPeers(): typeof scriptedPeer {
  const peers: ReturnType<typeof scriptedPeer>[] = [];
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    for (const { session } of peers.splice(0)) session.destroy();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
  return (...args) => {
    const peer = scriptedPeer(...args);
    peers.push(peer);
    return peer;
  };
}
