import { readFileSync } from 'node:fs';
import { lastValueFrom, timer } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { framesOf, run } from '../lib/testing/index.js';
import { bytes } from './helpers/frames.js';
import { observe } from './helpers/observe.js';
import { scriptedPeer } from './helpers/scriptedPeer.js';

/** What others fell into, and the specs that show that we do not: file and name. */
const traps: Readonly<Record<string, readonly (readonly [file: string, name: string])[]>> = {
  'T1 a half-close loses the unread tail': [
    ['stream', 'of both keeps the unread tail for whoever reads later'],
    ['goScenarios', 'half-closes both ways, nobody having read: both tails are whole'],
    ['stream', 'finLinger holds our FIN behind the answer to a peer that has half-closed'],
  ],
  'T2 a writer whose peer has stopped reading hangs for ever': [
    ['stream', 'fails at the second FIN'],
    ['stream', 'fails after closeTimeout without credit behind one FIN; the session lives on'],
  ],
  'T3 a Go opener drops what arrives before it is ready': [
    ['stream', 'holdFirstFrames keeps back what an acceptor says first, until the opener has spoken or the time is up'],
    ['interop/describeGoPeer', 'hears us first when our frames wait for it to be ready'],
  ],
  'T5 in version 1 an unread stream stops the session': [
    ['goScenarios', 'blocks in version 1 when a stream is not read, and nothing is lost when it is'],
    ['goScenarios', 'does not block in version 2'],
    [
      'hostile/starvation',
      'T5 of version 1 pauses the link, the keepalive lets it, and all goes on when somebody reads',
    ],
  ],
  'T6 sixteen unread streams stop version 2 too': [
    [
      'hostile/starvation',
      'T6 the next stream still gets its bytes, behind twenty first flights and a thousand streams that wait',
    ],
  ],
  'T9 a full accept backlog stops the reader': [
    ['session', 'refuses with two FINs what goes beyond the backlog, and existing streams go on'],
  ],
  'T10 the keepalive kills a session that is alive': [
    ['session', 'counts any byte, half a header too'],
    ['session', 'lives while an empty budget keeps us from reading, and counts anew when we read again'],
    ['session/keepAlive', 'tolerates any silence while we do not read'],
  ],
  'T11 the keepalive waits behind a full link': [
    ['session', 'runs on while our own writes are stuck, and keeps one NOP at most waiting'],
  ],
  'T12 a background tab sends its NOPs too late': [
    ['session', 'answers a NOP when its own is overdue, at most once an interval, never one for one'],
  ],
  'T13 a session is half dead after an error': [
    ['session', 'by an error settles everything once, with the cause'],
    ['session', 'by a transport that throws is the end of that session only'],
  ],
  'T14 a version mismatch is silent': [
    ['session', 'a session that detects says which versions there are'],
    ['interop/describeGoPeer', 'speaks another version, which its silence or its frames show'],
  ],
  'T15 FIN, or the end of the session, overtakes data': [
    ['outbound/fairQueue', 'with FIN behind the bytes of its stream'],
    ['goScenarios', 'delivers all that was written before the session was closed'],
  ],
  'T18 the payload of a control frame is taken for a header': [
    ['session', '%s ends the session with a code'],
    ['wire/encodeFrames', 'writes what was recorded of %s'],
  ],
  'T19 numbers of 32 bits become negative, or do not wrap': [
    ['stream', 'counts on across 2^32, both ways'],
    ['session', 'accepts the ID %d, as Go does'],
    ['outbound/limitAfter', 'computes as Go does, with numbers of 32 bits'],
  ],
  'T21 credit returns on receipt': [
    ['stream', 'does not return for bytes that nobody has consumed'],
    ['cli/relay', 'returns credit only for what the socket has taken'],
  ],
  'T22 credit returns while the work goes on': [['stream', 'holds the peer back until the work on a chunk is done']],
  'T23 a transport cannot be paused': [
    ['session', 'a peer that sends beyond its window ends the session'],
    ['hostile/attacks', '$name takes less than 64 MB, and others notice nothing'],
  ],
  'T24 writers at the same time mix their frames': [
    ['async/send', 'is one at a time'],
    ['outbound/fairQueue', 'serves every frame once, in the order of its stream, whatever comes when'],
  ],
  'T27 streams stay in the table': [
    ['goScenarios', 'finds the stream tables empty, and the budgets whole, after many streams in all ways of ending'],
  ],
  'T28 window updates behind our own FIN': [['stream', 'is returned while we read on after our own FIN']],
  'T29 an aborted stream still sends what waits': [
    ['stream', 'drops what waits, sends FIN, errors the reader, and leaves the siblings alone'],
  ],
  'T30 a frame that cannot be ends the process': [
    ['wire/FrameDecoder', 'makes frames or a ProtocolError of any bytes'],
    ['goScenarios', 'survives random frames, whatever they are'],
  ],
  'T31 both ends write and neither reads': [
    ['hostile/starvation', 'T31 do not end in a deadlock, when both ends write 10 MiB before either reads'],
  ],
  'T32 window updates pile up': [['stream', 'waits as one update a stream while the link is full, the newest']],
  'T33 the browser has no Buffer': [
    ['virtualTime', 'names no Promise, microtask, timer or clock of the platform in %s'],
  ],
  'T34 streams and session are closed at the same time': [
    ['goScenarios', 'closes a hundred streams and the session at the same time'],
    ['session', 'closes a hundred streams at once with the session, without a deadlock'],
  ],
  'T35 all stream IDs are used': [
    ['session', 'of a %s throws when the last ID has been used, and the session lives on'],
  ],
  'T36 large transfers starve small ones': [
    ['outbound/fairQueue', 'within 2:1 whatever the sizes of frames, from the first 128 KiB of each on'],
  ],
};

/** What cannot happen here. */
const impossible: Readonly<Record<string, string>> = {
  'T4 accepted streams are finalised while they are in use':
    'the table of the session refers to a stream until it is over on the wire, and nothing has a finalizer',
};

/** Those of this file. */
const own = ['T7', 'T8', 'T16', 'T17', 'T20', 'T25', 'T26'];

describe('the traps of the wire notes', () => {
  it('have a spec each, or a reason why they cannot occur', () => {
    const numbers = [...Object.keys(traps), ...Object.keys(impossible), ...own].map((name) => name.split(' ')[0]);
    const expected = Array.from({ length: 36 }, (_, at) => `T${at + 1}`);
    expect(numbers.sort()).toEqual(expected.sort());
  });

  it.each(Object.entries(traps))('%s: not here', (_, specs) => {
    for (const [file, name] of specs) {
      const extension = file.startsWith('interop/') ? 'ts' : 'spec.ts';
      const text = readFileSync(new URL(`${file}.${extension}`, import.meta.url), 'utf8');
      const quoted = `'${name}'`;
      expect(text.includes(quoted) || text.includes(`\`${name}\``), `${file} has ${quoted}`).toBe(true);
    }
  });

  it('T33: nor does the core know one, which its compiler sees to', () => {
    const { compilerOptions } = JSON.parse(readFileSync(new URL('../lib/tsconfig.json', import.meta.url), 'utf8'));
    expect(compilerOptions.types ?? []).toEqual([]);
    expect(compilerOptions.lib ?? ['ES2022']).toEqual(['ES2022']);
  });
});

describe('the traps that have their specs here', () => {
  const v2 = framesOf(2);
  const quiet = { keepAliveDisabled: true } as const;
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['T7 a window that is too small for the round trip', 50, 10_000_000],
    ['T8 a window that grows with the queue it makes itself', 10, 2_000_000],
  ])('%s: the link is filled, and no more', (_, latency, bandwidth) => {
    const result = run(
      ({ linkedSessions, flush }) => {
        const { client, server } = linkedSessions({ link: { latency, bandwidth }, ...quiet });
        let received = 0;
        const marks: number[] = [];
        server.streams$.subscribe((stream) =>
          stream.subscribe((chunk) => {
            received += chunk.length;
          }),
        );
        const stream = client.open();
        stream.send(endless()).subscribe({ error: () => undefined });
        for (const at of [5000, 9000]) timer(at).subscribe(() => marks.push(received));
        flush();
        return { rate: ((marks[1] ?? 0) - (marks[0] ?? 0)) / 4, window: stream.stats.credit };
      },
      { until: 9500 },
    );
    expect(result.rate).toBeGreaterThan(0.8 * bandwidth);
    expect(result.window).toBeLessThanOrEqual(4_194_304);
  });

  it('T16 close() waits behind a full link: it returns at once, and its deadlines end it', async () => {
    vi.useFakeTimers();
    const peer = scriptedPeer({ role: 'client', drainTimeout: 2000, ...quiet });
    peer.link.isFull = true;
    const stream = peer.session.open();
    stream.next(bytes('x'));
    await peer.sent();
    stream.next(bytes('stuck'));
    const ended = observe(stream.closed$);
    const closed = observe(peer.session.closed$);
    stream.close();
    peer.session.close();
    await peer.pass(4000);
    expect(ended.isComplete).toBe(true);
    expect(closed.isComplete).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('T17 a send that was given up is sent later, from a buffer in use again: what was taken is whole, and no more is', async () => {
    vi.useFakeTimers();
    const peer = scriptedPeer({ role: 'client', ...quiet });
    const stream = peer.session.open();
    await peer.receive(v2.upd(3, 0, 4));
    const buffer = bytes('AAAAAAAA');
    const source = (function* () {
      yield buffer.slice();
      yield new Uint8Array(300_000);
      yield bytes('never');
    })();
    const sending = observe(stream.send(source));
    expect(await peer.sent()).toEqual(['SYN 3', 'PSH 3 AAAA']);
    sending.subscription.unsubscribe();
    buffer.fill(66);
    stream.next(bytes('next'));
    await peer.receive(v2.upd(3, 4, 1_000_000));
    const sent = await peer.sent();
    expect(sent[0]).toBe('PSH 3 AAAA');
    expect(sent.at(-1)).toBe('PSH 3 next');
    expect(sent).not.toContain('PSH 3 never');
    peer.session.destroy();
  });

  it('T20 a window of 2^31 or more blocks a Go writer: none is announced, whatever the options are', async () => {
    vi.useFakeTimers();
    const peer = scriptedPeer({
      role: 'server',
      version: 2,
      maxReceiveBuffer: 0x7fffffff,
      maxStreamBuffer: 0x7fffffff,
      ...quiet,
    });
    const accepted = observe(peer.session.streams$);
    await peer.receive(v2.syn(3));
    accepted.values[0]?.subscribe();
    for (let turn = 0; turn < 40; turn++) await peer.receive(v2.psh(3, new Uint8Array(65_000)));
    const windows = (await peer.sent()).map((frame) => Number(/^UPD 3 \d+\/(\d+)$/.exec(frame)?.[1]));
    expect(windows.length).toBeGreaterThan(0);
    for (const window of windows) expect(window).toBeLessThanOrEqual(0x7fffffff);
    peer.session.destroy();
  });

  it('T25 what fails while nobody listens becomes an unhandled rejection: nothing does', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled).on('uncaughtException', unhandled);
    for (const end of ['break', 'destroy', 'close'] as const) {
      const peer = scriptedPeer({ role: 'client', ...quiet });
      const stream = peer.session.open();
      const iterator = stream[Symbol.asyncIterator]();
      const pulled = iterator.next().catch(() => undefined);
      const sent = lastValueFrom(stream.send([new Uint8Array(1_000_000)]), { defaultValue: 0 }).catch(() => undefined);
      if (end === 'break') peer.session.destroy(new Error('the link broke'));
      else stream[end === 'destroy' ? 'error' : 'close'](new Error('enough'));
      peer.session.destroy();
      await Promise.all([pulled, sent]);
    }
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled).off('uncaughtException', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('T26 a hundred thousand keepalives leave nothing behind', async () => {
    vi.useFakeTimers();
    const peer = scriptedPeer({ role: 'client', keepAliveInterval: 1, keepAliveTimeout: 0x7fffffff });
    await peer.pass(1);
    const timers = vi.getTimerCount();
    const bytesBefore = peer.link.size;
    await vi.advanceTimersByTimeAsync(100_000);
    expect((peer.link.size - bytesBefore) / 8).toBeGreaterThan(99_000);
    expect(vi.getTimerCount()).toBe(timers);
    expect(peer.session.stats.unsent).toBe(0);
    peer.session.destroy();
    expect(vi.getTimerCount()).toBe(0);
    expect(peer.hasListeners()).toBe(false);
  });
});

function* endless() {
  for (;;) yield new Uint8Array(32_768);
}
