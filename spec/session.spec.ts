import { describe, expect, it, vi } from 'vitest';
import { type SmuxStream } from '../lib/stream.js';
import { framesOf } from '../lib/testing/index.js';
import { bytes, sizeOf, textOf } from './helpers/frames.js';
import { observe } from './helpers/observe.js';
import { scriptedPeers } from './helpers/scriptedPeers.js';

const v1 = framesOf(1);
const v2 = framesOf(2);
const quiet = { keepAliveDisabled: true } as const;
const client = (options = {}) => started({ role: 'client', ...quiet, ...options });
const server = (options = {}) => started({ role: 'server', version: 2, ...quiet, ...options });
const started = scriptedPeers();

describe('open', () => {
  it('gives a client the IDs 3, 5, 7 and a server 2, 4, 6', () => {
    const ids = (role: 'client' | 'server') => {
      const { session } = started({ role, ...quiet });
      return [session.open(), session.open(), session.open()].map(({ id }) => id);
    };
    expect(ids('client')).toEqual([3, 5, 7]);
    expect(ids('server')).toEqual([2, 4, 6]);
  });

  it('announces the stream at once and lets data follow in the same write', async () => {
    const peer = client();
    peer.session.open().next(bytes('hello'));
    expect(await peer.sent()).toEqual(['SYN 3', 'PSH 3 hello']);
    expect(peer.link.writeCount).toBe(1);
  });

  it('throws on a closed session', () => {
    const { session } = client();
    session.close();
    expect(() => session.open()).toThrow(expect.objectContaining({ code: 'SMUX_ERR_SESSION_CLOSED' }));
    session.destroy();
    expect(() => session.open()).toThrow(expect.objectContaining({ code: 'SMUX_ERR_SESSION_CLOSED' }));
  });

  it.each([
    ['client', 4_294_967_293, [4_294_967_293, 4_294_967_295]],
    ['server', 4_294_967_292, [4_294_967_292, 4_294_967_294]],
  ] as const)(
    'of a %s throws when the last ID has been used, and the session lives on',
    async (role, nextStreamId, ids) => {
      const peer = started({ role, version: 2, ...quiet }, { nextStreamId });
      expect([peer.session.open().id, peer.session.open().id]).toEqual(ids);
      expect(() => peer.session.open()).toThrow(expect.objectContaining({ code: 'SMUX_ERR_STREAM_IDS' }));
      expect(peer.session.isClosed).toBe(false);
      expect(await peer.sent()).toEqual(ids.map((id) => `SYN ${id}`));
    },
  );

  it('passes over an ID that the peer has taken', async () => {
    const peer = client();
    await peer.receive(v2.syn(3));
    expect(peer.session.open().id).toBe(5);
  });

  it.each([0, 257, Number.NaN])('refuses the weight %d', (weight) => {
    expect(() => client().session.open({ weight })).toThrow(RangeError);
  });
});

describe('streams$', () => {
  it('delivers each stream that the peer opens, with what came for it before anybody subscribed', async () => {
    const peer = server();
    await peer.receive(v2.syn(3), v2.psh(3, 'early'), v2.syn(5));
    const accepted = observe(peer.session.streams$);
    expect(accepted.values.map(({ id }) => id)).toEqual([3, 5]);
    expect(textOf(observe(accepted.values[0] as SmuxStream).values)).toBe('early');
    await peer.receive(v2.syn(7));
    expect(accepted.values).toHaveLength(3);
    expect(observe(peer.session.streams$).error).toMatchObject({ code: 'SMUX_ERR_STREAMS_LOCKED' });
    accepted.subscription.unsubscribe();
    await peer.receive(v2.syn(9));
    expect(observe(peer.session.streams$).values.map(({ id }) => id)).toEqual([9]);
  });

  it('ignores a duplicate SYN', async () => {
    const peer = server();
    const accepted = observe(peer.session.streams$);
    await peer.receive(v2.syn(3), v2.psh(3, 'a'), v2.syn(3), v2.psh(3, 'b'));
    expect(accepted.values).toHaveLength(1);
    expect(textOf(observe(accepted.values[0] as SmuxStream).values)).toBe('ab');
  });

  it.each([0, 1, 2, 4_294_967_295])('accepts the ID %d, as Go does', async (id) => {
    const peer = server();
    const accepted = observe(peer.session.streams$);
    await peer.receive(v2.syn(id), v2.psh(id, 'x'));
    const stream = accepted.values[0] as SmuxStream;
    expect(stream.id).toBe(id);
    stream.next(bytes('y'));
    expect(await peer.sent()).toEqual([`PSH ${id} y`]);
  });

  it('accepts the ID of a finished stream anew', async () => {
    const peer = server();
    const accepted = observe(peer.session.streams$);
    await peer.receive(v2.syn(3), v2.fin(3));
    accepted.values[0]?.close();
    await peer.sent();
    expect(peer.session.streamCount).toBe(0);
    await peer.receive(v2.syn(3), v2.psh(3, 'again'));
    expect(accepted.values).toHaveLength(2);
    expect(textOf(observe(accepted.values[1] as SmuxStream).values)).toBe('again');
  });

  it('refuses with two FINs what goes beyond the backlog, and existing streams go on', async () => {
    const peer = server({ acceptBacklog: 2 });
    await peer.receive(v2.syn(3), v2.syn(5), v2.syn(7));
    expect(await peer.sent()).toEqual(['FIN 7', 'FIN 7']);
    expect(peer.session.stats).toMatchObject({ streamsAccepted: 2, streamsRefused: 1, streamCount: 2 });
    const accepted = observe(peer.session.streams$);
    await peer.receive(v2.psh(5, 'on'), v2.syn(9));
    expect(accepted.values.map(({ id }) => id)).toEqual([3, 5, 9]);
  });

  it('refuses what goes beyond maxStreams, until another stream is over', async () => {
    const peer = server({ maxStreams: 1 });
    const accepted = observe(peer.session.streams$);
    await peer.receive(v2.syn(3), v2.syn(5));
    expect(await peer.sent()).toEqual(['FIN 5', 'FIN 5']);
    accepted.values[0]?.close();
    expect(await peer.sent()).toEqual(['FIN 3']);
    await peer.receive(v2.syn(7));
    expect(accepted.values.map(({ id }) => id)).toEqual([3, 7]);
  });

  it('reminds the writer of a refused stream, once a flush', async () => {
    const peer = server({ maxStreams: 0 });
    await peer.receive(v2.syn(3), v2.psh(3, 'a'), v2.psh(3, 'b'));
    expect(await peer.sent()).toEqual(['FIN 3', 'FIN 3']);
    await peer.receive(v2.psh(3, 'c'), v2.psh(3, 'd'));
    expect(await peer.sent()).toEqual(['FIN 3']);
  });

  it('refuses no more than it can tell a peer that does not read, and pauses nothing', async () => {
    const peer = server({ maxStreams: 0 });
    peer.link.isFull = true;
    await peer.receive(v2.syn(1));
    expect(await peer.sent()).toHaveLength(2);
    for (let at = 0; at < 20; at++) {
      await peer.receive(...Array.from({ length: 1000 }, (_, more) => v2.syn(3 + 2 * (at * 1000 + more))));
    }
    await peer.drain();
    expect((await peer.sent()).length).toBeLessThanOrEqual(4098);
    await peer.receive(v2.psh(40_001, 'x'));
    expect(await peer.sent()).toEqual(['FIN 40001']);
    expect(peer.session.isClosed).toBe(false);
  });

  it('does not take the refusal of an ID for the end of a stream of ours', async () => {
    const peer = client({ acceptBacklog: 0 });
    peer.session.transport.resume(); // any turn: the next two happen in one
    const receiving = peer.receive(v2.syn(3));
    const stream = peer.session.open();
    stream.next(bytes('x'));
    await receiving;
    expect(stream.id).toBe(5);
    expect(await peer.sent()).toEqual(['SYN 5', 'FIN 3', 'FIN 3', 'PSH 5 x']);
  });

  it('gives frames of unknown streams no answer and no budget', async () => {
    const peer = server();
    await peer.receive(v2.psh(9, 'lost'), v2.fin(11), v2.upd(13, 1, 2), v2.psh(0, 'x'));
    expect(await peer.sent()).toEqual([]);
    expect(peer.session.stats.unread).toBe(0);
    expect(peer.session.isClosed).toBe(false);
  });
});

describe('a server that detects the version', () => {
  const detecting = (options = {}) => server({ version: 'auto', ...options });

  it.each([1, 2] as const)('takes version %i from the first frame and sends nothing before it', async (version) => {
    const peer = detecting({ keepAliveDisabled: false });
    const stream = peer.session.open();
    stream.next(bytes('queued'));
    stream.complete();
    await peer.pass(20_000);
    expect(await peer.sent()).toEqual([]);
    expect(peer.session.version).toBeUndefined();

    await peer.receive(framesOf(version).nop());
    expect(peer.session.version).toBe(version);
    const sent = await peer.sent();
    expect(sent.filter((frame) => frame !== 'NOP')).toEqual(['SYN 2', 'PSH 2 queued', 'FIN 2']);
    peer.session.destroy();
  });

  it('gives up when no frame comes for firstFrameTimeout', async () => {
    const peer = detecting({ firstFrameTimeout: 5000 });
    const closed = observe(peer.session.closed$);
    await peer.pass(4999);
    expect(closed.values).toEqual([]);
    await peer.pass(1);
    expect(closed.values).toMatchObject([{ cause: { code: 'SMUX_ERR_FIRST_FRAME_TIMEOUT' } }]);
    expect(peer.link.isDestroyed).toBe(true);
  });

  it('begins to send keepalives, and to expect them, with the first frame', async () => {
    const peer = detecting({ keepAliveDisabled: false, keepAliveInterval: 1000, keepAliveTimeout: 4000 });
    await peer.pass(4500);
    await peer.receive(v2.nop());
    await peer.pass(999);
    expect(await peer.sent()).toEqual([]);
    await peer.pass(1);
    expect(await peer.sent()).toEqual(['NOP']);
    await peer.pass(2999);
    expect(peer.session.isClosed).toBe(false);
    await peer.pass(1);
    expect(peer.session.isClosed).toBe(true);
  });

  it('waits for ever where it is told to, whatever the keepalive says', async () => {
    const peer = detecting({ firstFrameTimeout: 0, keepAliveDisabled: false });
    await peer.pass(1_000_000);
    expect(peer.session.isClosed).toBe(false);
  });

  it('stays when the first frame is in time', async () => {
    const peer = detecting({ firstFrameTimeout: 5000 });
    await peer.pass(4000);
    await peer.receive(v1.syn(3));
    await peer.pass(5000);
    expect(peer.session.isClosed).toBe(false);
  });

  it('ends in order although the time for the first frame is up while it waits for the end of the link', async () => {
    const peer = detecting({ firstFrameTimeout: 5000 });
    const closed = observe(peer.session.closed$);
    await peer.pass(4500);
    peer.session.close();
    await peer.pass(999);
    expect(closed.values).toEqual([]);
    await peer.pass(1);
    expect(closed.values).toEqual([{}]);
  });

  it('ends in order when it is closed before it has heard anything', async () => {
    const peer = detecting();
    const closed = observe(peer.session.closed$);
    const stream = peer.session.open();
    stream.next(bytes('never sent'));
    peer.session.close();
    await peer.end();
    expect(closed.values).toEqual([{}]);
    expect(observe(stream).error).toMatchObject({ code: 'SMUX_ERR_SESSION_CLOSED' });
    expect(await peer.sent()).toEqual([]);
  });
});

describe('bad input', () => {
  it.each([
    ['another version', '01 00 0000 03000000', 'SMUX_ERR_VERSION', 'expected version 2, got 1'],
    ['an unknown version', '47', 'SMUX_ERR_VERSION', 'expected version 2, got 71'],
    ['an unknown command', '02 05 0000 03000000', 'SMUX_ERR_COMMAND', 'version 2 has no command 5'],
    ['a SYN with a payload', '02 00 0100 03000000 00', 'SMUX_ERR_LENGTH', 'SYN must have a payload of 0 bytes, got 1'],
    ['a FIN with a payload', '02 01 0200 03000000 00', 'SMUX_ERR_LENGTH', 'FIN must have a payload of 0 bytes, got 2'],
    ['a NOP with a payload', '02 03 ffff 00000000', 'SMUX_ERR_LENGTH', 'NOP must have a payload of 0 bytes, got 65535'],
    [
      'a UPD of the wrong size',
      `02 04 0700 03000000 ${'00'.repeat(8)}`,
      'SMUX_ERR_LENGTH',
      'UPD must have a payload of 8 bytes, got 7',
    ],
  ])('%s ends the session with a code', async (_, hex, code, message) => {
    const peer = server();
    const closed = observe(peer.session.closed$);
    await peer.receive(v2.syn(3), v2.psh(3, 'kept'));
    const accepted = observe(peer.session.streams$);
    const received = observe(accepted.values[0] as SmuxStream);
    await peer.receiveHex(hex);
    expect(closed.values).toMatchObject([{ cause: { name: 'ProtocolError', code, message } }]);
    expect(textOf(received.values)).toBe('kept');
    expect(received.error).toMatchObject({ code });
    expect(accepted.isComplete).toBe(true);
    expect(peer.link.isDestroyed).toBe(true);
    expect(peer.hasListeners()).toBe(false);
  });

  it('UPD in version 1 ends the session', async () => {
    const peer = server({ version: 1 });
    const closed = observe(peer.session.closed$);
    await peer.receiveHex(`01 04 0800 03000000 ${'00'.repeat(8)}`);
    expect(closed.values).toMatchObject([
      { cause: { code: 'SMUX_ERR_COMMAND', message: 'version 1 has no command 4' } },
    ]);
  });

  it('a session that detects says which versions there are', async () => {
    const peer = server({ version: 'auto' });
    const closed = observe(peer.session.closed$);
    await peer.receiveHex('47455420'); // an HTTP client
    expect(closed.values).toMatchObject([{ cause: { message: 'expected version 1 or 2, got 71' } }]);
  });

  it.each([
    ['inside a header', '02 00 00'],
    ['inside a payload', '02 02 0500 03000000 6162'],
  ])('input that ends %s is a lost link', async (_, hex) => {
    const peer = server();
    const closed = observe(peer.session.closed$);
    await peer.receiveHex(hex);
    await peer.end();
    expect(closed.values).toMatchObject([
      { cause: { code: 'SMUX_ERR_LINK_LOST', cause: { code: 'SMUX_ERR_TRUNCATED' } } },
    ]);
  });

  it('a window of 2^31 or more ends the session', async () => {
    const peer = client();
    const closed = observe(peer.session.closed$);
    peer.session.open();
    await peer.receive(v2.upd(3, 0, 0x8000_0000));
    expect(closed.values).toMatchObject([{ cause: { name: 'ProtocolError', code: 'SMUX_ERR_WINDOW' } }]);
  });

  it('a peer that consumes more than was sent ends the session', async () => {
    const peer = client();
    const closed = observe(peer.session.closed$);
    peer.session.open().next(bytes('abc'));
    await peer.pass();
    await peer.receive(v2.upd(3, 3, 100));
    expect(closed.values).toEqual([]);
    await peer.receive(v2.upd(3, 4, 100));
    expect(closed.values).toMatchObject([{ cause: { name: 'ProtocolError', code: 'SMUX_ERR_CONSUMED' } }]);
  });

  it('a peer that sends beyond its window ends the session', async () => {
    const peer = server();
    const closed = observe(peer.session.closed$);
    const full = Array.from({ length: 8 }, () => v2.psh(3, new Uint8Array(32_768)));
    await peer.receive(v2.syn(3), ...full);
    expect(closed.values).toEqual([]);
    await peer.receive(v2.psh(3, 'x'));
    expect(closed.values).toMatchObject([{ cause: { name: 'ProtocolError', code: 'SMUX_ERR_FLOW_CONTROL' } }]);
    const held = observe(peer.session.streams$).values[0] as SmuxStream;
    expect(sizeOf(observe(held).values)).toBe(262_144);
  });

  it('data behind FIN is dropped', async () => {
    const peer = server();
    await peer.receive(v2.syn(3), v2.psh(3, 'a'), v2.fin(3), v2.psh(3, 'b'));
    const received = observe(observe(peer.session.streams$).values[0] as SmuxStream);
    expect(textOf(received.values)).toBe('a');
    expect(received.isComplete).toBe(true);
    expect(peer.session.stats.unread).toBe(0);
  });

  it('an empty PSH delivers nothing', async () => {
    const peer = server();
    await peer.receive(v2.syn(3), v2.psh(3, ''), v2.psh(3, 'a'));
    expect(observe(observe(peer.session.streams$).values[0] as SmuxStream).values).toHaveLength(1);
  });
});

describe('keepalive', () => {
  const alive = { keepAliveDisabled: false, keepAliveInterval: 1000, keepAliveTimeout: 4000 };

  it('sends a NOP each interval, the first after one', async () => {
    const peer = client(alive);
    await peer.pass(999);
    expect(await peer.sent()).toEqual([]);
    await peer.pass(1);
    await peer.pass(1000);
    expect(await peer.sent()).toEqual(['NOP', 'NOP']);
  });

  it('ends a session whose peer is silent, everything settled', async () => {
    const peer = client(alive);
    const closed = observe(peer.session.closed$);
    const stream = observe(peer.session.open());
    await peer.pass(3999);
    expect(closed.values).toEqual([]);
    await peer.pass(1);
    expect(closed.values).toMatchObject([{ cause: { code: 'SMUX_ERR_KEEPALIVE_TIMEOUT' } }]);
    expect(stream.error).toMatchObject({ code: 'SMUX_ERR_KEEPALIVE_TIMEOUT' });
    expect(peer.link.isDestroyed).toBe(true);
  });

  it('counts any byte, half a header too', async () => {
    const peer = client(alive);
    for (const hex of ['02', '03', '00', '00']) {
      await peer.pass(3500);
      await peer.receiveHex(hex);
    }
    expect(peer.session.isClosed).toBe(false);
    peer.session.destroy();
  });

  it('lives while an empty budget keeps us from reading, and counts anew when we read again', async () => {
    const peer = server({ ...alive, version: 1, maxReceiveBuffer: 4 });
    await peer.receive(v1.syn(3), v1.psh(3, 'four'));
    expect(peer.link.isPaused).toBe(true);
    await peer.pass(20_000);
    expect(peer.session.isClosed).toBe(false);
    observe(observe(peer.session.streams$).values[0] as SmuxStream);
    expect(peer.link.isPaused).toBe(false);
    await peer.pass(3999); // the whole timeout, wherever in a tick reading has resumed
    expect(peer.session.isClosed).toBe(false);
    await peer.pass(1001);
    expect(peer.session.isClosed).toBe(true);
  });

  it('runs on while our own writes are stuck, and keeps one NOP at most waiting', async () => {
    const peer = client(alive);
    peer.link.isFull = true;
    peer.session.open().next(bytes('stuck'));
    await peer.sent();
    await peer.pass(3999);
    expect(peer.session.isClosed).toBe(false);
    await peer.drain();
    expect(await peer.sent()).toEqual(['NOP']);
    await peer.pass(1);
    expect(peer.session.isClosed).toBe(true);
  });

  it('answers a NOP when its own is overdue, at most once an interval, never one for one', async () => {
    const peer = client(alive);
    await peer.pass(1000);
    await peer.sent();
    vi.setSystemTime(Date.now() + 60_000); // our timers were throttled
    await peer.receive(v2.nop(), v2.nop());
    await peer.receive(v2.nop());
    expect(await peer.sent()).toEqual(['NOP']);
    peer.session.destroy();
  });

  it('does neither when it is disabled', async () => {
    const peer = client();
    await peer.pass(1_000_000);
    await peer.receive(v2.nop());
    expect(await peer.sent()).toEqual([]);
    expect(peer.session.isClosed).toBe(false);
  });
});

describe('the receive budget', () => {
  it('of version 1 pauses the link when it is used up and resumes as bytes are taken', async () => {
    const peer = server({ version: 1, maxReceiveBuffer: 100 });
    await peer.receive(v1.syn(3), v1.psh(3, new Uint8Array(60)), v1.syn(5), v1.psh(5, new Uint8Array(39)));
    expect(peer.link.isPaused).toBe(false);
    await peer.receive(v1.psh(5, new Uint8Array(200))); // may overshoot by what has been read
    expect(peer.link.isPaused).toBe(true);
    expect(peer.session.stats.unread).toBe(299);
    const [first, second] = observe(peer.session.streams$).values as [SmuxStream, SmuxStream];
    observe(first);
    expect(peer.link.isPaused).toBe(true);
    observe(second);
    expect(peer.link.isPaused).toBe(false);
    expect(peer.session.stats.unread).toBe(0);
  });

  it('gets back what a closed stream had not read', async () => {
    const peer = server({ version: 1, maxReceiveBuffer: 100 });
    await peer.receive(v1.syn(3), v1.psh(3, new Uint8Array(100)));
    expect(peer.link.isPaused).toBe(true);
    observe(peer.session.streams$).values[0]?.close();
    expect(peer.link.isPaused).toBe(false);
    expect(peer.session.stats.unread).toBe(0);
  });

  it('of version 2 may be overdrawn by the first flights of new streams', async () => {
    const peer = server({ maxReceiveBuffer: 100, maxStreamBuffer: 100, maxReceiveOverdraft: 50 });
    await peer.receive(v2.syn(3), v2.psh(3, new Uint8Array(149)));
    expect(peer.link.isPaused).toBe(false);
    await peer.receive(v2.psh(3, new Uint8Array(1)));
    expect(peer.link.isPaused).toBe(true);
  });
});

describe('close', () => {
  it('sends what waits and FIN, waits for the streams to end, then half-closes the link and waits for its end', async () => {
    const peer = client();
    const closed = observe(peer.session.closed$);
    const stream = peer.session.open();
    const received = observe(stream);
    stream.next(bytes('last words'));
    peer.session.close();
    expect(peer.session.isClosed).toBe(true);
    expect(await peer.sent()).toEqual(['SYN 3', 'PSH 3 last words', 'FIN 3']);
    await peer.receive(v2.psh(3, 'answer'), v2.fin(3));
    expect(textOf(received.values)).toBe('answer');
    expect(received.isComplete).toBe(true);
    expect(peer.link).toMatchObject({ isClosed: true, isDestroyed: false });
    await peer.end();
    expect(closed).toMatchObject({ values: [{}], isComplete: true });
    expect(peer.link.isDestroyed).toBe(true);
  });

  it('ends by itself when the peer does not end the link', async () => {
    const peer = client();
    const closed = observe(peer.session.closed$);
    peer.session.close();
    expect(peer.link).toMatchObject({ isClosed: true, isDestroyed: false });
    await peer.pass(1000);
    expect(closed.values).toEqual([{}]);
    expect(peer.link.isDestroyed).toBe(true);
  });

  it('gives up on streams that do not end within drainTimeout', async () => {
    const peer = client({ drainTimeout: 2000 });
    const closed = observe(peer.session.closed$);
    const received = observe(peer.session.open());
    peer.session.close();
    await peer.pass(1999);
    expect(received.error).toBeUndefined();
    await peer.pass(1);
    expect(received.error).toMatchObject({ code: 'SMUX_ERR_SESSION_CLOSED' });
    await peer.end();
    expect(closed.values).toEqual([{}]);
  });

  it('refuses streams that come too late, and those that nobody has accepted', async () => {
    const peer = server();
    await peer.receive(v2.syn(3));
    peer.session.close();
    await peer.receive(v2.syn(5));
    expect(await peer.sent()).toEqual(['FIN 3', 'FIN 5', 'FIN 5']);
    await peer.end();
  });

  it('sends FINs that wait for those of the peer', async () => {
    const peer = client({ holdFinUntilPeerFin: true });
    const received = observe(peer.session.open());
    peer.session.close();
    expect(await peer.sent()).toEqual(['SYN 3', 'FIN 3']);
    await peer.receive(v2.psh(3, 'answer'), v2.fin(3));
    await peer.end();
    expect(textOf(received.values)).toBe('answer');
    expect(observe(peer.session.closed$).values).toEqual([{}]);
  });

  it('may be called twice, and after destroy', async () => {
    const peer = client();
    peer.session.close();
    peer.session.close();
    peer.session.destroy();
    peer.session.close();
    expect(observe(peer.session.closed$).values).toEqual([{}]);
  });

  it('closes a hundred streams at once with the session, without a deadlock', async () => {
    const peer = client();
    const streams = Array.from({ length: 100 }, () => peer.session.open());
    const closed = streams.map(({ closed$ }) => observe(closed$));
    for (const stream of streams) stream.close();
    peer.session.close();
    await peer.end();
    expect(closed.every(({ isComplete }) => isComplete)).toBe(true);
    expect(peer.session.streamCount).toBe(0);
  });
});

describe('the end of the link', () => {
  it('between frames, with no stream unfinished, is orderly', async () => {
    const peer = server();
    const closed = observe(peer.session.closed$);
    const accepted = observe(peer.session.streams$);
    await peer.receive(v2.nop());
    await peer.end();
    expect(closed).toMatchObject({ values: [{}], isComplete: true });
    expect(accepted).toMatchObject({ isComplete: true, error: undefined });
  });

  it('delivers what has arrived, then completes where FIN had come and errors elsewhere', async () => {
    const peer = server();
    const closed = observe(peer.session.closed$);
    await peer.receive(v2.syn(3), v2.psh(3, 'whole'), v2.fin(3), v2.syn(5), v2.psh(5, 'half'));
    await peer.end();
    expect(closed.values).toMatchObject([{ cause: { code: 'SMUX_ERR_LINK_LOST' } }]);
    const [whole, half] = observe(peer.session.streams$).values.map((stream) => observe(stream));
    expect(textOf(whole?.values ?? [])).toBe('whole');
    expect(whole).toMatchObject({ isComplete: true, error: undefined });
    expect(textOf(half?.values ?? [])).toBe('half');
    expect(half?.error).toMatchObject({ code: 'SMUX_ERR_LINK_LOST' });
  });

  it('is orderly too where the peer had ended every stream and nothing of ours waits', async () => {
    const peer = server();
    const closed = observe(peer.session.closed$);
    await peer.receive(v2.syn(3), v2.psh(3, 'x'), v2.fin(3));
    const stream = observe(peer.session.streams$).values[0] as SmuxStream;
    const ending = observe(stream.closed$);
    await peer.end();
    expect(closed.values).toEqual([{}]);
    expect(ending.values).toEqual([{}]);
    expect(textOf(observe(stream).values)).toBe('x');
  });

  it('by an error settles everything once, with the cause', async () => {
    const peer = client();
    const closed = observe(peer.session.closed$);
    const stream = peer.session.open();
    const received = observe(stream);
    const sending = observe(stream.send([bytes('x'), new Uint8Array(1_000_000)]));
    const cause = new Error('read ECONNRESET');
    await peer.break(cause);
    expect(closed.values).toMatchObject([{ cause: { code: 'SMUX_ERR_LINK_LOST', cause } }]);
    expect(received.error).toMatchObject({ code: 'SMUX_ERR_LINK_LOST' });
    expect(sending.error).toMatchObject({ code: 'SMUX_ERR_LINK_LOST' });
    expect(observe(stream.closed$).values).toMatchObject([{ cause: { code: 'SMUX_ERR_LINK_LOST' } }]);
    expect(stream.bufferedAmount).toBe(0);
    expect(peer.session.streamCount).toBe(0);
    expect(peer.hasListeners()).toBe(false);
  });

  it('by destroy settles at once; a cause reaches everybody', async () => {
    const peer = client();
    const received = observe(peer.session.open());
    const cause = new Error('enough');
    peer.session.destroy(cause);
    expect(received.error).toBe(cause);
    expect(observe(peer.session.closed$).values).toEqual([{ cause }]);
    expect(peer.link.isDestroyed).toBe(true);
    peer.session.destroy(new Error('too late'));
    expect(observe(peer.session.closed$).values).toEqual([{ cause }]);
  });

  it('settles everything although the transport cannot be destroyed', () => {
    const peer = client();
    const received = observe(peer.session.open());
    peer.session.transport.destroy = () => {
      throw new Error('stuck');
    };
    peer.session.destroy();
    expect(received.error).toMatchObject({ code: 'SMUX_ERR_SESSION_CLOSED' });
    expect(observe(peer.session.closed$).isComplete).toBe(true);
  });

  it('by a transport that throws is the end of that session only', async () => {
    const broken = client();
    const sound = client();
    broken.session.transport.write = () => {
      throw new Error('no such device');
    };
    broken.session.open().next(bytes('x'));
    sound.session.open().next(bytes('y'));
    expect(await sound.sent()).toEqual(['SYN 3', 'PSH 3 y']);
    expect(observe(broken.session.closed$).values).toMatchObject([
      { cause: { code: 'SMUX_ERR_LINK_LOST', cause: { message: 'no such device' } } },
    ]);
  });
});

describe('what the session sends', () => {
  it('leaves in one write a turn, and waits while the transport is full', async () => {
    const peer = client();
    peer.link.isFull = true;
    const stream = peer.session.open();
    stream.next(bytes('a'));
    expect(await peer.sent()).toEqual(['SYN 3', 'PSH 3 a']);
    stream.next(bytes('b'));
    stream.next(bytes('c'));
    expect(await peer.sent()).toEqual([]);
    expect(stream.bufferedAmount).toBe(2);
    await peer.drain();
    expect(await peer.sent()).toEqual(['PSH 3 b', 'PSH 3 c']);
    expect(stream.bufferedAmount).toBe(0);
  });

  it('keeps turns fair by weight', async () => {
    const peer = client({ version: 1 });
    const heavy = peer.session.open({ weight: 3 });
    const light = peer.session.open();
    for (const stream of [heavy, light]) stream.next(new Uint8Array(4_000_000));
    peer.link.isFull = true;
    const shares = { 3: 0, 5: 0 };
    for (let turn = 0; turn < 30; turn++) {
      for (const frame of await peer.sent()) {
        const [, id, size] = /^PSH (\d) \((\d+)\)$/.exec(frame) ?? [];
        if (id === '3' || id === '5') shares[id] += Number(size);
      }
      await peer.drain({ once: true });
    }
    expect(shares[3] / shares[5]).toBeCloseTo(3, 0);
  });
});

describe('stats$', () => {
  it('samples once a second while subscribed and completes with the session', async () => {
    const peer = client();
    const stats = observe(peer.session.stats$);
    await peer.pass(2500);
    expect(stats.values).toHaveLength(3);
    peer.session.destroy();
    expect(stats.isComplete).toBe(true);
  });
});
