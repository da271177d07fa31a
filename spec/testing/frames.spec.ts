import { describe, expect, it } from 'vitest';
import { handleStreams } from '../../lib/handleStreams.js';
import { fin, framesOf, nop, psh, run, syn, upd } from '../../lib/testing/index.js';
import { Command } from '../../lib/wire/frame.js';
import { hex } from '../helpers/bytes.js';
import { observe } from '../helpers/observe.js';

const quiet = { keepAliveDisabled: true } as const;

describe('the builders of frames', () => {
  it('are those of version 2, or of the one that is asked for', () => {
    expect(syn(3)).toEqual({ version: 2, command: Command.SYN, streamId: 3 });
    expect(fin(3)).toEqual({ version: 2, command: Command.FIN, streamId: 3 });
    expect(nop()).toEqual({ version: 2, command: Command.NOP, streamId: 0 });
    expect(psh(3, 'hé€😀')).toEqual({
      version: 2,
      command: Command.PSH,
      streamId: 3,
      payload: hex('68c3a9e282acf09f9880'),
    });
    expect(upd(3, 5, 7)).toEqual({ version: 2, command: Command.UPD, streamId: 3, consumed: 5, window: 7 });
    expect(framesOf(1).psh(3, hex('00'))).toEqual({
      version: 1,
      command: Command.PSH,
      streamId: 3,
      payload: hex('00'),
    });
  });
});

describe('frames', () => {
  it('is a peer that follows a diagram, and expectFrames what the session answers', () => {
    run(({ frames, expectFrames, createSession }) => {
      const table = { s: syn(3), p: psh(3, 'hello'), f: fin(3) };
      const peer = frames('  -s-p----(pf)|', table);
      const expected = '     ---p----(pf)|';
      const session = createSession(peer, { role: 'server', ...quiet });
      session.streams$.pipe(handleStreams((stream) => stream.send(stream))).subscribe();

      expectFrames(peer).toBe(expected, table);
    });
  });

  it('speaks version 1 as well', () => {
    run(({ frames, expectFrames, createSession }) => {
      const v1 = framesOf(1);
      const peer = frames('-s', { s: v1.syn(3) });
      const session = createSession(peer, { role: 'server', ...quiet });
      session.streams$.subscribe((stream) => stream.complete());

      expectFrames(peer).toBe('-f', { f: v1.fin(3) });
    });
  });

  it('may send raw bytes, and break the link', () => {
    run(({ frames, createSession, flush }) => {
      const garbled = createSession(frames('-x', { x: hex('47') }), { role: 'client', ...quiet });
      const broken = createSession(frames('-#', {}, new Error('cable')), { role: 'client', ...quiet });
      const endings = [garbled, broken].map(({ closed$ }) => observe(closed$).values);
      flush();
      expect(endings).toMatchObject([
        [{ cause: { code: 'SMUX_ERR_VERSION' } }],
        [{ cause: { code: 'SMUX_ERR_LINK_LOST', cause: { message: 'cable' } } }],
      ]);
    });
  });

  it('counts time from when a session is made of it', () => {
    run(({ frames, expectFrames, createSession, cold }) => {
      const peer = frames('-s', { s: syn(3) });
      cold('---x').subscribe(() => {
        const session = createSession(peer, { role: 'server', ...quiet });
        session.streams$.subscribe((stream) => stream.complete());
      });
      expectFrames(peer).toBe('-f', { f: fin(3) });
    });
  });

  it('is for one session', () => {
    run(({ frames, createSession, flush }) => {
      const peer = frames('');
      createSession(peer, { role: 'client', ...quiet });
      const { values } = observe(createSession(peer, { role: 'client', ...quiet }).closed$);
      flush();
      expect(values).toMatchObject([{ cause: { cause: { message: 'what frames makes is for one session' } } }]);
    });
  });

  it('tells what has passed, in words', () => {
    run(({ frames, createSession, flush }) => {
      const peer = frames('-s--p', { s: syn(3), p: psh(3, 'hello') });
      const session = createSession(peer, { role: 'server', ...quiet });
      session.streams$.subscribe((stream) => stream.next(new Uint8Array(30_000)));
      flush();
      expect(peer.received).toEqual([
        { at: 1, words: 'v2 SYN stream 3' },
        { at: 4, words: 'v2 PSH stream 3, 5 bytes "hello"' },
      ]);
      expect(peer.sent).toEqual([{ at: 1, words: 'v2 PSH stream 3, 30000 bytes #36c1c385' }]);
    });
  });

  it('holds frames back while the session has paused', () => {
    run(({ frames, createSession, flush }) => {
      const payload = new Uint8Array(60_000);
      const peer = frames('(spppp)-x', { s: syn(3), p: psh(3, payload), x: nop() });
      const session = createSession(peer, {
        role: 'server',
        version: 2,
        maxReceiveBuffer: 100_000,
        maxReceiveOverdraft: 0,
        ...quiet,
      });
      flush();
      expect(session.stats.received).toBe(8 + 2 * 60_008);
    });
  });

  it('fails with the conversation, frame by frame', () => {
    const failing = () =>
      run(({ frames, expectFrames, createSession }) => {
        const peer = frames('-s-p-u', { s: syn(3), p: psh(3, 'hello'), u: upd(3, 0, 1000) });
        const session = createSession(peer, { role: 'server', ...quiet });
        session.streams$.subscribe((stream) => stream.send(stream).subscribe());
        expectFrames(peer).toBe('---p-f', { p: psh(3, 'hallo'), f: fin(3) });
      });
    expect(failing).toThrow(
      [
        'not as expected (- expected, + actual):',
        '       1 ms  received  v2 SYN stream 3',
        '       3 ms  received  v2 PSH stream 3, 5 bytes "hello"',
        '-      3 ms  sent      v2 PSH stream 3, 5 bytes "hallo"',
        '-      5 ms  received  v2 UPD stream 3, consumed 0, window 1000',
        '-      5 ms  sent      v2 FIN stream 3',
        '+      3 ms  sent      v2 PSH stream 3, 5 bytes "hello"',
        '+      5 ms  received  v2 UPD stream 3, consumed 0, window 1000',
      ].join('\n'),
    );
  });

  it.each(['frames', 'expectFrames'] as const)('%s refuses a mark that the table does not have', (name) => {
    const failing = () =>
      run((helpers) => {
        if (name === 'frames') helpers.frames('-x', { y: nop() });
        else helpers.expectFrames(helpers.frames('')).toBe('-x', { y: nop() });
      });
    expect(failing).toThrow('the diagram has "x", its table has not');
  });

  it('a session that is expected to break the link is a mistake', () => {
    const failing = () => run(({ frames, expectFrames }) => expectFrames(frames('')).toBe('-#'));
    expect(failing).toThrow(TypeError);
  });
});
