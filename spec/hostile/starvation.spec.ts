import { firstValueFrom, lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../lib/session.js';
import { type SmuxStream } from '../../lib/stream.js';
import { framesOf, linkedTransports, run } from '../../lib/testing/index.js';
import { sizeOf } from '../helpers/bytes.js';
import { observe } from '../helpers/observe.js';
import { scriptedPeer } from '../helpers/scriptedPeer.js';

const v1 = framesOf(1);
const v2 = framesOf(2);
const WINDOW = 262_144;
const quiet = { keepAliveDisabled: true } as const;

describe('in a session whose streams nobody reads', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('T6 the next stream still gets its bytes, behind twenty first flights and a thousand streams that wait', async () => {
    const peer = scriptedPeer({ role: 'server', version: 2, maxStreams: 2000, ...quiet });
    const accepted = observe(peer.session.streams$);
    const flight = Array.from({ length: 8 }, () => new Uint8Array(WINDOW / 8));
    for (let id = 3; id < 43; id += 2) await peer.receive(v2.syn(id), ...flight.map((bytes) => v2.psh(id, bytes)));
    await peer.sent();
    for (let id = 43; id < 2043; id += 2) {
      await peer.receive(v2.syn(id));
      const [update = ''] = await peer.sent();
      const window = Number(/^UPD \d+ 0\/(\d+)$/.exec(update)?.[1]);
      expect(window).toBeGreaterThanOrEqual(4096);
      expect(window).toBeLessThan(WINDOW);
      await peer.receive(v2.psh(id, new Uint8Array(window))); // as a peer does that obeys
    }
    expect(peer.link.isPaused).toBe(false);

    await peer.receive(v2.syn(9001), v2.psh(9001, new Uint8Array(4000)));
    const received = observe(accepted.values.at(-1) as SmuxStream);
    expect(sizeOf(received.values)).toBe(4000);
    await peer.receive(v2.psh(9001, new Uint8Array(96)));
    expect(sizeOf(received.values)).toBe(4096);
    expect((await peer.sent()).at(-1)).toMatch(/^UPD 9001 4\d+\/\d{4,}$/);

    // And nothing of the others is lost.
    const others = accepted.values.slice(0, -1).map((stream) => observe(stream));
    expect(others.slice(0, 20).map(({ values }) => sizeOf(values))).toEqual(Array(20).fill(WINDOW));
    expect(peer.session.stats.unread).toBe(0);
    peer.session.destroy();
  });

  it('T5 of version 1 pauses the link, the keepalive lets it, and all goes on when somebody reads', async () => {
    const peer = scriptedPeer({ role: 'server', version: 1, maxReceiveBuffer: 100_000 });
    const accepted = observe(peer.session.streams$);
    await peer.receive(v1.syn(3), v1.psh(3, new Uint8Array(60_000)), v1.psh(3, new Uint8Array(60_000)));
    expect(peer.link.isPaused).toBe(true);
    await peer.pass(600_000);
    expect(peer.session.isClosed).toBe(false);
    const received = observe(accepted.values[0] as SmuxStream);
    expect(sizeOf(received.values)).toBe(120_000);
    expect(peer.link.isPaused).toBe(false);
    await peer.receive(v1.psh(3, new Uint8Array(50_000)), v1.fin(3));
    expect(sizeOf(received.values)).toBe(170_000);
    peer.session.destroy();
  });
});

describe('writers whose peer does not read', () => {
  it('do not hold up those whose peer does: two hundred sends that wait, and one more', () => {
    const [received, unsent] = run(
      ({ linkedSessions, flush }) => {
        const { client, server } = linkedSessions({ maxReceiveOverdraft: 1_000_000_000, ...quiet });
        const chunks = () => Array<Uint8Array>(100).fill(new Uint8Array(65_536));
        const stopped = Array.from({ length: 200 }, () => client.open());
        for (const stream of stopped) stream.send(chunks()).subscribe({ error: () => undefined });
        flush();
        const held = client.stats.unsent;
        const read: Uint8Array[] = [];
        server.streams$.subscribe((stream) => {
          if (stream.id > 2 * stopped.length + 1) stream.subscribe((bytes) => read.push(bytes));
        });
        client.open().send(chunks()).subscribe();
        flush();
        return [sizeOf(read), held];
      },
      { until: 10_000 },
    );
    expect(received).toBe(100 * 65_536);
    expect(unsent).toBeLessThan(16 * 1024 * 1024 + WINDOW);
  });

  it('T31 do not end in a deadlock, when both ends write 10 MiB before either reads', async () => {
    const [a, b] = linkedTransports();
    const client = createSession(a, { role: 'client', ...quiet });
    const server = createSession(b, { role: 'server', ...quiet });
    const size = 10 * 1024 * 1024;
    const chunks = () => Array.from({ length: 160 }, () => new Uint8Array(65_536));
    const ours = client.open();
    const sending = [lastValueFrom(ours.send(chunks()))];
    const theirs = await firstValueFrom(server.streams$);
    sending.push(lastValueFrom(theirs.send(chunks())));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([ours.stats.unread, theirs.stats.unread]).toEqual([WINDOW, WINDOW]);
    const reading = [ours, theirs].map((stream) => observe(stream));
    expect(await Promise.all(sending)).toEqual([size, size]);
    await vi.waitFor(() => expect(reading.map(({ values }) => sizeOf(values))).toEqual([size, size]));
    client.destroy();
    server.destroy();
  });
});
