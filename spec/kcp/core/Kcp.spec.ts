import { describe, expect, it } from 'vitest';
import { Kcp, type KcpSettings } from '../../../lib/kcp/core/Kcp.js';
import { SegmentCommand, SegmentHeader } from '../../../lib/kcp/core/segment.js';
import { counting, hex, join, toHex } from '../../helpers/bytes.js';
import { RandomBytes, randomChunks, sha256 } from '../../helpers/random.js';
import { SETTINGS, VirtualPair, type Weather } from './virtualPair.js';

/** A conversation and what it puts out, as hex. */
const alone = (settings: Partial<KcpSettings> = {}) => {
  const out: string[] = [];
  const kcp = new Kcp({ ...SETTINGS, ...settings }, (datagram) => out.push(toHex(datagram)));
  return { kcp, out, take: () => out.splice(0) };
};
const segment = (fields: Partial<SegmentHeader>, payload: Uint8Array = new Uint8Array(0)): Uint8Array => {
  const header = Object.assign(new SegmentHeader(), {
    conversation: SETTINGS.conversation,
    window: 1024,
    length: payload.length,
    ...fields,
  });
  const bytes = new Uint8Array(24 + payload.length);
  header.write(bytes, 0);
  bytes.set(payload, 24);
  return bytes;
};
const push = (number: number, payload: Uint8Array, fields: Partial<SegmentHeader> = {}) =>
  segment({ command: SegmentCommand.PUSH, number, ...fields }, payload);
const ack = (number: number, timestamp: number, fields: Partial<SegmentHeader> = {}) =>
  segment({ command: SegmentCommand.ACK, number, timestamp, ...fields });
const commands = (datagrams: readonly string[]) =>
  datagrams.flatMap((datagram) => {
    const bytes = hex(datagram);
    const header = new SegmentHeader();
    const all: string[] = [];
    for (let at = 0; at < bytes.length; at += 24 + header.length) {
      header.read(bytes, at);
      all.push(`${header.command} sn ${header.number} una ${header.una} wnd ${header.window}`);
    }
    return all;
  });

describe('Kcp on the wire', () => {
  it('speaks as recorded: SYN, ACK, hello, FIN', () => {
    const { kcp, take } = alone({ receiveWindow: 1024 });
    kcp.send(hex('01 00 0000 03000000'));
    kcp.flush(0x16);
    expect(take()).toEqual([toHex(hex('8f034d0c 51 00 0004 16000000 00000000 00000000 08000000 01000000 03000000'))]);
    expect(kcp.input(hex('8f034d0c 52 00 ff03 16000000 00000000 01000000 00000000'), 0x17)).toBe(true);
    expect(kcp.unsent).toBe(0);
    expect(kcp.remoteWindow).toBe(0x3ff);

    kcp.send(hex('01 02 0900 03000000 68656c6c6f206b6370'));
    kcp.flush(0x148);
    expect(take()).toEqual([
      toHex(hex('8f034d0c 51 00 0004 48010000 01000000 00000000 11000000 01 02 0900 03000000 68656c6c6f206b6370')),
    ]);
    kcp.input(hex('8f034d0c 52 00 0004 48010000 01000000 02000000 00000000'), 0x149);
    const answer = '8f034d0c 51 00 0004 f6010000 00000000 02000000 11000000 01 02 0900 03000000 68656c6c6f206b6370';
    kcp.input(hex(answer), 0x150);
    expect(Buffer.from(kcp.shift() as Uint8Array).toString('latin1')).toBe('\x01\x02\x09\0\x03\0\0\0hello kcp');

    // The acknowledgement and the FIN share a datagram.
    kcp.send(hex('01 01 0000 03000000'));
    kcp.flush(0x27c);
    expect(take()).toEqual([
      toHex(
        hex(
          `8f034d0c 52 00 0004 f6010000 00000000 01000000 00000000
           8f034d0c 51 00 0004 7c020000 02000000 01000000 08000000 01 01 0000 03000000`,
        ),
      ),
    ]);
  });

  it('tops up the last segment that waits, and packs segments up to the MTU', () => {
    const { kcp, take } = alone({ mtu: 24 + 100 });
    for (let at = 0; at < 250; at += 50) kcp.send(counting(50, at));
    expect(kcp.unsent).toBe(3);
    kcp.flush(0);
    expect(take().map((datagram) => datagram.length / 2)).toEqual([124, 124, 74]);

    kcp.send(counting(10));
    kcp.flush(0);
    kcp.send(counting(20));
    kcp.input(push(0, counting(1)), 1);
    kcp.flush(1);
    expect(take().map((datagram) => datagram.length / 2)).toEqual([34, 24 + 44]);
  });

  it('takes the fragments of message mode as bytes like others', () => {
    const { kcp } = alone();
    const first = push(0, counting(3));
    first[5] = 1;
    kcp.input(join([first, push(1, counting(3, 3))]), 0);
    expect([kcp.shift(), kcp.shift()].map((bytes) => bytes?.length)).toEqual([3, 3]);
  });
});

describe('Kcp acknowledging', () => {
  it('leaves out what una covers, but the last one', () => {
    const { kcp, take } = alone();
    for (const number of [0, 1, 3, 2]) kcp.input(push(number, counting(10)), 0);
    kcp.input(push(6, counting(10)), 0);
    kcp.input(push(3, counting(10)), 0);
    kcp.flush(10);
    expect(commands(take())).toEqual(['82 sn 6 una 4 wnd 124', '82 sn 3 una 4 wnd 124']);
    expect(kcp.counters).toMatchObject({ received: 5, repeated: 1 });
  });

  it('acknowledges what it has again, and what lies beyond its window not at all', () => {
    const { kcp, take } = alone({ receiveWindow: 4 });
    for (const number of [0, 1, 2, 3, 4]) kcp.input(push(number, counting(1)), 0);
    kcp.flush(10);
    expect(commands(take())).toEqual(['82 sn 3 una 4 wnd 0']);
    kcp.input(push(0, counting(1)), 11);
    kcp.flush(20);
    expect(commands(take())).toEqual(['82 sn 0 una 4 wnd 0']);
  });

  it('waits for the interval, unless there are many or it is told not to', () => {
    const { kcp } = alone({ interval: 30 });
    kcp.flush(100);
    expect(kcp.delay(100)).toBe(Number.POSITIVE_INFINITY);
    kcp.input(push(0, counting(1)), 101);
    expect(kcp.isAckDue).toBe(false);
    expect(kcp.delay(101)).toBe(29);
    for (let number = 1; number < 58; number++) kcp.input(push(number, counting(1)), 101);
    expect(kcp.isAckDue).toBe(true);
    kcp.flushAcks();
    expect(kcp.isAckDue).toBe(false);

    const hurried = alone({ ackNoDelay: true });
    hurried.kcp.input(push(0, counting(1)), 1);
    expect(hurried.kcp.isAckDue).toBe(true);
  });

  it('frees what una covers, whatever the command', () => {
    const { kcp } = alone();
    kcp.send(counting(3000));
    kcp.flush(0);
    expect(kcp.unsent).toBe(3);
    kcp.input(segment({ command: SegmentCommand.TELL_WINDOW, una: 2 }), 5);
    expect(kcp.unsent).toBe(1);
    expect(kcp.isFlushDue).toBe(true);
  });
});

describe('Kcp sending again', () => {
  const underWay = (settings: Partial<KcpSettings> = {}, count = 5) => {
    const end = alone({ mtu: 34, ...settings });
    end.kcp.send(counting(count * 10));
    end.kcp.flush(1000);
    end.take();
    return end;
  };

  it('does so after the timeout, which grows by half of itself', () => {
    const { kcp, take } = underWay({}, 1);
    expect(kcp.delay(1000)).toBe(200);
    kcp.flush(1199);
    expect(take()).toEqual([]);
    kcp.flush(1200);
    expect(commands(take())).toEqual(['81 sn 0 una 0 wnd 128']);
    expect(kcp.delay(1200)).toBe(300);
    expect(kcp.transmissions).toBe(2);
    expect(kcp.counters).toMatchObject({ sent: 2, timedOut: 1 });
  });

  it('does so after the timeout, which doubles without nodelay', () => {
    const { kcp } = underWay({ nodelay: false }, 1);
    kcp.flush(1200);
    expect(kcp.delay(1200)).toBe(400);
    kcp.flush(1600);
    expect(kcp.delay(1600)).toBe(600);
  });

  it('does so at once when two later ones have been acknowledged', () => {
    const { kcp, take } = underWay({ sendWindow: 32 }, 40);
    kcp.input(ack(1, 1000), 1010);
    kcp.input(ack(2, 1000), 1010);
    expect(kcp.isFlushDue).toBe(true);
    kcp.flush(1010);
    expect(commands(take())).toEqual(['81 sn 0 una 0 wnd 128']);
    expect(kcp.counters).toMatchObject({ fastResent: 1 });
    // Acknowledgements of what was sent before say nothing about the one that was sent again.
    kcp.input(ack(3, 1000), 1011);
    kcp.input(ack(4, 1000), 1011);
    kcp.flush(1012);
    expect(take()).toEqual([]);
  });

  it('does so after one when there is nothing new to send', () => {
    const { kcp, take } = underWay();
    kcp.input(ack(2, 1000), 1010);
    expect(kcp.isFlushDue).toBe(false);
    expect(kcp.delay(1010)).toBe(0);
    kcp.flush(1010);
    expect(commands(take())).toEqual(['81 sn 0 una 0 wnd 128', '81 sn 1 una 0 wnd 128']);
  });

  it('never does so sooner than the timeout with resend 0, as long as there is something new', () => {
    const { kcp, take } = underWay({ resend: 0 }, 40);
    for (let number = 1; number < 20; number++) kcp.input(ack(number, 1000), 1010);
    kcp.send(counting(1000));
    kcp.remoteWindow = 128;
    kcp.flush(1010);
    expect(commands(take())[0]).toBe('81 sn 32 una 0 wnd 128');
  });

  it('learns the timeout from the round trips', () => {
    const { kcp } = underWay();
    kcp.input(ack(0, 1000), 1100);
    expect(kcp.rtt).toMatchObject({ rtt: 100, rto: 300 });
    kcp.input(ack(1, 1000), 1100);
    expect(kcp.rtt).toMatchObject({ rtt: 100, rto: 100 + 4 * 37 });
    kcp.input(ack(2, 1200), 1100); // from the future: no sample
    kcp.input(ack(3, (1100 - 70_000) >>> 0), 1100);
    expect(kcp.rtt).toMatchObject({ rtt: 100, rto: 100 + 4 * 37 });
  });
});

describe('Kcp and windows', () => {
  it('begins with the 32 segments that every peer has room for', () => {
    const { kcp, take } = alone({ sendWindow: 1024, mtu: 34 });
    kcp.send(counting(5000));
    expect(kcp.isFull).toBe(true);
    kcp.flush(0);
    expect(take()).toHaveLength(32);
    kcp.input(ack(0, 0, { una: 1, window: 100 }), 10);
    kcp.flush(10);
    expect(take()).toHaveLength(69);
  });

  it('asks a peer whose window is closed, later and later, and goes on when it opens', () => {
    const { kcp, take } = alone();
    kcp.input(segment({ command: SegmentCommand.TELL_WINDOW, window: 0 }), 0);
    kcp.send(counting(10));
    kcp.flush(0);
    expect(take()).toEqual([]);
    expect(kcp.isFull).toBe(true);
    expect(kcp.delay(0)).toBe(500);
    kcp.flush(500);
    expect(commands(take())).toEqual(['83 sn 0 una 0 wnd 128']);
    expect(kcp.delay(500)).toBe(750);
    kcp.input(segment({ command: SegmentCommand.TELL_WINDOW, window: 1 }), 600);
    kcp.flush(600);
    expect(commands(take())).toEqual(['81 sn 0 una 0 wnd 128']);
  });

  it('answers who asks, and tells by itself when a full window opens', () => {
    const { kcp, take } = alone({ receiveWindow: 2 });
    kcp.input(segment({ command: SegmentCommand.ASK_WINDOW }), 0);
    expect(kcp.delay(100)).toBeLessThanOrEqual(10);
    kcp.flush(10);
    expect(commands(take())).toEqual(['84 sn 0 una 0 wnd 2']);

    kcp.input(push(0, counting(1)), 11);
    kcp.input(push(1, counting(1)), 11);
    kcp.flush(20);
    expect(commands(take())).toEqual(['82 sn 1 una 2 wnd 0']);
    kcp.shift();
    kcp.flush(30);
    expect(commands(take())).toEqual(['84 sn 0 una 2 wnd 1']);
  });

  it('takes no news of the window from a datagram that was overtaken', () => {
    const { kcp } = alone();
    kcp.send(counting(3000));
    kcp.flush(0);
    kcp.input(ack(1, 0, { una: 2, window: 50 }), 10);
    kcp.input(ack(0, 0, { una: 1, window: 0 }), 11);
    expect(kcp.remoteWindow).toBe(50);
    kcp.input(ack(0, 0, { una: 77, window: 0 }), 11); // of what was never sent
    expect(kcp.remoteWindow).toBe(50);
  });

  it('grows the congestion window, and shrinks it on loss', () => {
    const { kcp, take } = alone({ congestionControl: 'window', mtu: 34, sendWindow: 64, resend: 2 });
    kcp.send(counting(2000));
    kcp.flush(0);
    expect(take()).toHaveLength(1);
    kcp.input(ack(0, 0, { una: 1 }), 10);
    kcp.flush(10);
    expect(take()).toHaveLength(2);
    kcp.flush(10_000);
    expect(take()).toHaveLength(2); // both timed out
    kcp.input(ack(2, 10_000, { una: 3 }), 10_010);
    kcp.flush(10_010);
    expect(take()).toHaveLength(2);
  });
});

describe('Kcp and what is not meant for it', () => {
  it.each([
    ['nothing', new Uint8Array(0)],
    ['less than a header', counting(23)],
    ['another conversation', push(0, counting(5), { conversation: 1 })],
    ['an unknown command', segment({ command: 80 })],
    ['another unknown command', segment({ command: 85 })],
    ['more bytes announced than there are', segment({ command: SegmentCommand.PUSH, length: 1 })],
    ['a length beyond 2^31', segment({ command: SegmentCommand.PUSH, length: 0xffffffff })],
  ])('rejects %s', (_, datagram) => {
    const { kcp, out } = alone();
    expect(kcp.input(datagram, 0)).toBe(false);
    kcp.flush(100);
    expect(kcp.shift()).toBeUndefined();
    expect(out).toEqual([]);
  });

  it('bears random bytes behind the right conversation', () => {
    const { kcp } = alone();
    const random = new RandomBytes(5);
    kcp.send(counting(20_000));
    for (let round = 0; round < 20_000; round++) {
      const datagram = random.take(24 + (round % 100));
      datagram.set(hex('8f034d0c'), 0);
      datagram[4] = 81 + (round % 4);
      datagram.set([round % 7, 0, 0, 0], 20);
      kcp.input(datagram, round);
      if (round % 10 === 0) kcp.flush(round);
      kcp.shift();
    }
    expect(kcp.receiveWindow).toBeGreaterThanOrEqual(0);
    expect(kcp.receiveWindow).toBeLessThanOrEqual(128);
  });

  it('bears acknowledgements of what was never sent', () => {
    const { kcp, take } = alone();
    kcp.send(counting(10));
    kcp.flush(0);
    take();
    for (const number of [1, 5, 0x7fffffff, 0x80000000, 0xffffffff]) {
      kcp.input(ack(number, 0), 1);
      kcp.input(segment({ command: SegmentCommand.TELL_WINDOW, una: number === 1 ? 2 : number }), 1);
    }
    expect(kcp.unsent).toBe(1);
  });
});

describe('Kcp on a narrow link', () => {
  const transfer = (congestionControl: KcpSettings['congestionControl'], weather: Weather) => {
    const settings = { congestionControl, sendWindow: 1024, receiveWindow: 1024 };
    const pair = new VirtualPair([settings, settings], weather, 7);
    const size = 3_000_000;
    pair.ends[0].write(...Array.from({ length: size / 10_000 }, () => new Uint8Array(10_000)));
    expect(pair.run(() => pair.ends[1].receivedSize >= size)).toBe(true);
    const { sent } = pair.ends[0].kcp.counters;
    return { rate: size / pair.elapsed, times: sent / (size / (SETTINGS.mtu - 24)) };
  };

  it.each([
    ['behind a queue of the size of the path', { bandwidth: 1000, queue: 64_000, latency: 20 }],
    ['behind a short queue', { bandwidth: 200, queue: 30_000, latency: 5 }],
    ['behind a long queue', { bandwidth: 1000, queue: 500_000, latency: 50 }],
  ])('uses it, and drowns neither it nor itself: %s', (_, weather) => {
    const careless = transfer('none', weather);
    const careful = transfer('rate', weather);
    expect(careful.rate).toBeGreaterThan(weather.bandwidth * 0.55);
    expect(careful.times).toBeLessThan(1.8);
    expect(careless.times).toBeGreaterThan(careful.times * 1.3);
  });

  it('is not slowed down by random loss, as the window of the protocol is', () => {
    const weather = { loss: 0.2, latency: 20 };
    const [window, rate, none] = (['window', 'rate', 'none'] as const).map((kind) => transfer(kind, weather).rate);
    expect(rate).toBeGreaterThan(20 * (window as number));
    expect(rate).toBeGreaterThan((none as number) / 2);
  });
});

describe('two Kcp ends in bad weather', () => {
  const settings = (sent: number, received: number): Partial<KcpSettings> => ({ first: { sent, received } });
  const WRAP = 0xffffffff - 200;
  const weathers: readonly [string, Weather][] = [
    ['fair', {}],
    ['loss', { loss: 0.2 }],
    ['much loss', { loss: 0.5 }],
    ['duplication', { duplication: 0.5 }],
    ['reordering', { jitter: 40 }],
    ['corruption', { corruption: 0.1 }],
    ['all of it', { loss: 0.1, duplication: 0.2, corruption: 0.05, jitter: 30 }],
    ['a narrow link', { bandwidth: 200, queue: 30_000 }],
  ];

  it.each(weathers)('deliver every byte, in order, both ways: %s', (_, weather) => {
    for (let seed = 1; seed <= 5; seed++) {
      const pair = new VirtualPair([{}, {}], weather, seed);
      const sent = [[...randomChunks(400_000, seed, 10_000)], [...randomChunks(300_000, seed + 9, 700)]] as const;
      pair.ends[0].write(...sent[0]);
      pair.ends[1].write(...sent[1]);
      const [a, b] = pair.ends;
      expect(pair.run(() => a.receivedSize >= 300_000 && b.receivedSize >= 400_000)).toBe(true);
      expect(sha256(b.received)).toBe(sha256(sent[0]));
      expect(sha256(a.received)).toBe(sha256(sent[1]));
      expect(pair.run(() => a.kcp.unsent + b.kcp.unsent === 0)).toBe(true);
    }
  });

  it.each(weathers)('do so when numbers and clock wrap at 2^32: %s', (_, weather) => {
    const pair = new VirtualPair([settings(WRAP, 7), settings(7, WRAP)], weather, 3, 0xffffffff - 200);
    const sent = [...randomChunks(600_000, 1)];
    pair.ends[0].write(...sent);
    expect(pair.run(() => pair.ends[1].receivedSize >= 600_000)).toBe(true);
    expect(sha256(pair.ends[1].received)).toBe(sha256(sent));
    expect(pair.elapsed).toBeGreaterThan(200);
  });

  it('do so when the clock wraps under a window by the rate', () => {
    const change = { congestionControl: 'rate' } as const;
    const pair = new VirtualPair([change, change], { latency: 20, loss: 0.05 }, 3, 0xffffffff - 500);
    const sent = [...randomChunks(3_000_000, 1)];
    pair.ends[0].write(...sent);
    expect(pair.run(() => pair.ends[1].receivedSize >= 3_000_000, 10_000)).toBe(true);
    expect(sha256(pair.ends[1].received)).toBe(sha256(sent));
    expect(pair.elapsed).toBeGreaterThan(600);
  });

  it.each([0x7fffffff - 100, 0x80000000 - 100])('do so when numbers pass 2^31: from %i', (first) => {
    const pair = new VirtualPair([settings(first, 0), settings(0, first)], { loss: 0.1 }, 3, first);
    const sent = [...randomChunks(600_000, 1)];
    pair.ends[0].write(...sent);
    expect(pair.run(() => pair.ends[1].receivedSize >= 600_000)).toBe(true);
    expect(sha256(pair.ends[1].received)).toBe(sha256(sent));
  });

  it.each([
    ['normal', { nodelay: false, interval: 40 }],
    ['fast3', { nodelay: true, interval: 10 }],
    ['a congestion window', { congestionControl: 'window' }],
    ['a window by the rate', { congestionControl: 'rate' }],
    ['no fast resend', { resend: 0 }],
    ['acknowledgements at once', { ackNoDelay: true }],
    ['tiny windows', { sendWindow: 1, receiveWindow: 1 }],
    ['unequal windows', { sendWindow: 1000, receiveWindow: 33 }],
  ] satisfies [string, Partial<KcpSettings>][])('do so with %s', (_, change) => {
    const pair = new VirtualPair([change, change], { loss: 0.05, jitter: 5 }, 11);
    const sent = [...randomChunks(100_000, 1)];
    pair.ends[0].write(...sent);
    expect(pair.run(() => pair.ends[1].receivedSize >= 100_000)).toBe(true);
    expect(sha256(pair.ends[1].received)).toBe(sha256(sent));
  });

  it('stop at the window of a reader that is stopped, and go on when it reads', () => {
    const pair = new VirtualPair([{}, { receiveWindow: 64 }], { loss: 0.1 }, 5);
    const [writer, reader] = pair.ends;
    const sent = [...randomChunks(500_000, 1, 1000)];
    writer.write(...sent);
    reader.isReading = false;
    expect(pair.run(() => reader.receivedSize > 0, 20_000)).toBe(false);
    expect(reader.kcp.receiveWindow).toBe(0);
    expect(writer.kcp.isFull).toBe(true);
    expect(writer.kcp.underWay).toBe(0);
    reader.resume(pair.now);
    expect(pair.run(() => reader.receivedSize >= 500_000)).toBe(true);
    expect(sha256(reader.received)).toBe(sha256(sent));
  });

  it('say nothing when there is nothing to say', () => {
    const pair = new VirtualPair([{}, {}], {});
    pair.ends[0].write(counting(10));
    expect(pair.run(() => false)).toBe(false);
    expect(pair.elapsed).toBeLessThan(100);
    expect(pair.ends.map(({ datagramCount }) => datagramCount)).toEqual([1, 1]);
  });
});
