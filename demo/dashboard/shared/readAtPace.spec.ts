import { fin, psh, run, syn } from 'rx-smux/testing';
import { describe, it } from 'vitest';
import { readAtPace } from './readAtPace';

describe('readAtPace', () => {
  const sent = '         sabcf'; // what has arrived meanwhile is one chunk
  const table = { s: syn(3), a: psh(3, 'one'), b: psh(3, 'two'), c: psh(3, 'three'), f: fin(3) };
  const chunks = { a: 'one', b: 'twothree' };

  it('reads a chunk a second while it shall be slow', () => {
    run(({ createSession, frames, cold, expectStream }) => {
      const isSlow = ' t';
      const expected = '-a 999ms b 999ms |';
      const session = createSession(frames(sent, table), { role: 'server' });
      session.streams$.subscribe((stream) =>
        expectStream(readAtPace(stream, cold(isSlow, { t: true }))).toBe(expected, chunks),
      );
    });
  });

  it('misses nothing when the pace changes between two chunks', () => {
    run(({ createSession, frames, cold, expectStream }) => {
      const isSlow = ' t 499ms f';
      const expected = '-a 498ms (b|)';
      const session = createSession(frames(sent, table), { role: 'server' });
      session.streams$.subscribe((stream) =>
        expectStream(readAtPace(stream, cold(isSlow, { t: true, f: false }))).toBe(expected, chunks),
      );
    });
  });
});
