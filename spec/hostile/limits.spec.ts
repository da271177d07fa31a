import { describe, expect, it } from 'vitest';
import { handleStreams } from '../../lib/handleStreams.js';
import { type SmuxStream } from '../../lib/stream.js';
import { framesOf } from '../../lib/testing/index.js';
import { observe } from '../helpers/observe.js';
import { scriptedPeers } from '../helpers/scriptedPeers.js';

const v1 = framesOf(1);
const v2 = framesOf(2);
const MIB = 1024 * 1024;

describe('limits', () => {
  const started = scriptedPeers();
  const server = (options: object) => started({ role: 'server', version: 2, keepAliveDisabled: true, ...options });

  it('of the rate of opening refuse with FIN what comes too fast; siblings go on, and so does the peer a second later', async () => {
    const peer = server({ maxStreamRate: 10 });
    const accepted = observe(peer.session.streams$);
    await peer.receive(...Array.from({ length: 12 }, (_, at) => v2.syn(3 + 2 * at)));
    expect(accepted.values).toHaveLength(10);
    expect(await peer.sent()).toEqual(['FIN 23', 'FIN 23', 'FIN 25', 'FIN 25']);
    const received = observe(accepted.values[0] as SmuxStream);
    await peer.receive(v2.psh(3, 'on'));
    expect(received.values).toHaveLength(1);
    await peer.pass(1000);
    await peer.receive(...Array.from({ length: 11 }, (_, at) => v2.syn(103 + 2 * at)));
    expect(accepted.values).toHaveLength(20);
    expect(peer.session.stats.streamsRefused).toBe(3);
    expect(peer.session.isClosed).toBe(false);
  });

  it('of the send buffer count frames too: tiny ones, echoed to a link that is full, end the stream', async () => {
    const peer = server({ version: 1, maxSendBuffer: 4 * MIB });
    peer.link.isFull = true;
    peer.session.streams$.subscribe((stream) => {
      stream.subscribe({ next: (chunk) => stream.next(chunk), error: () => undefined });
    });
    await peer.receive(v1.syn(3), v1.psh(3, 'x'), v1.syn(5));
    const tiny = Array.from({ length: 1000 }, () => v1.psh(3, 'x'));
    let echoed = 0;
    while (peer.session.streamCount === 2 && echoed < 1_000_000) {
      await peer.receive(...tiny);
      echoed += tiny.length;
      if (peer.session.stats.unsent < echoed) break; // dropped: the stream was aborted
    }
    expect(echoed).toBeGreaterThan(20_000);
    expect(echoed).toBeLessThan(30_000);
    expect(peer.session.stats.unsent).toBe(0);
    expect(peer.session.isClosed).toBe(false);
  });

  it('of the send buffer hold back an echo that asks: a thousand streams, tiny frames, nothing read', async () => {
    const peer = server({ version: 1, maxSendBuffer: 4 * MIB, maxReceiveBuffer: 100_000 });
    peer.link.isFull = true;
    peer.session.streams$.pipe(handleStreams((stream) => stream.send(stream))).subscribe();
    const ids = Array.from({ length: 1000 }, (_, at) => 3 + 2 * at);
    await peer.receive(...ids.map((id) => v1.syn(id)));
    let rounds = 0;
    while (!peer.link.isPaused && rounds < 1000) {
      await peer.receive(...ids.map((id) => v1.psh(id, 'x')));
      rounds++;
    }
    expect(peer.link.isPaused).toBe(true);
    expect(peer.session.stats.unsent).toBeLessThan(20_000);
    expect(peer.session.stats.unread).toBeLessThan(110_000);
    await peer.drain();
    await peer.pass(100);
    expect(peer.link.isPaused).toBe(false);
    expect(peer.session.stats).toMatchObject({ unread: 0, unsent: 0, streamCount: 1000 });
  });

  it('of patience end a session whose peer sends a header byte by byte, or nothing behind it', async () => {
    const slow = server({ version: 'auto', firstFrameTimeout: 5000 });
    const closed = observe(slow.session.closed$);
    for (const byte of ['02', '00', '00', '00', '03', '00']) {
      await slow.receiveHex(byte);
      await slow.pass(1000);
    }
    expect(closed.values).toMatchObject([{ cause: { code: 'SMUX_ERR_FIRST_FRAME_TIMEOUT' } }]);

    const told = server({ keepAliveDisabled: false, keepAliveInterval: 1000, keepAliveTimeout: 4000 });
    const ended = observe(told.session.closed$);
    await told.receiveHex('02 00 0000 03');
    await told.pass(6000);
    expect(ended.values).toMatchObject([{ cause: { code: 'SMUX_ERR_KEEPALIVE_TIMEOUT' } }]);
  });
});
