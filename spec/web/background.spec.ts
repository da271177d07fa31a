import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSession } from '../../lib/index.js';
import { framesOf } from '../../lib/testing/index.js';
import { webSocketTransport } from '../../lib/web/index.js';
import { encodeFrames } from '../../lib/wire/encodeFrames.js';
import { FrameDecoder } from '../../lib/wire/FrameDecoder.js';
import { type Frame } from '../../lib/wire/frame.js';
import { textOf, wordsOf } from '../helpers/frames.js';
import { observe } from '../helpers/observe.js';
import { push } from '../helpers/vectors.js';
import { ScriptedWebSocket } from './ScriptedWebSocket.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  throttleTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** As a browser does in a tab that has long been in the background: timers fire on the full minute only. */
function throttleTimers(): void {
  const throttled = (ms = 0) => MINUTE * Math.ceil((Date.now() + ms) / MINUTE) - Date.now();
  const { setTimeout, setInterval } = globalThis;
  vi.stubGlobal('setTimeout', (run: () => void, ms?: number) => setTimeout(run, throttled(ms)));
  vi.stubGlobal('setInterval', (run: () => void, ms?: number) => setInterval(run, throttled(ms)));
}

describe.each([1, 2] as const)('a session in a background tab, version %i', (version) => {
  const { nop, psh, fin } = framesOf(version);
  const inBackground = () => {
    const socket = new ScriptedWebSocket();
    socket.open();
    const session = createSession(webSocketTransport(socket), { role: 'client', version });
    const decoder = new FrameDecoder(version);
    return {
      socket,
      session,
      ending: observe(session.closed$),
      receive: (...frames: Frame[]) => socket.receiveBytes(Buffer.concat(encodeFrames(frames))),
      sent: () => socket.sent.splice(0).flatMap((bytes) => push(decoder, bytes).map(wordsOf)),
    };
  };

  it('lives for an hour with a peer that is silent but for a NOP each 10 s and gives up after 30 s of silence', async () => {
    const { session, ending, receive, sent, socket } = inBackground();
    const stream = session.open();
    await pass();
    expect(sent()).toEqual([`SYN ${stream.id}`]);

    let silence = 0;
    let nops = 0;
    for (let now = 10 * SECOND; now <= HOUR; now += 10 * SECOND) {
      await pass(10 * SECOND);
      receive(nop());
      await pass();
      const frames = sent();
      socket.drain();
      expect(frames.length).toBeLessThanOrEqual(1);
      nops += frames.length;
      silence = frames.length === 0 ? silence + 10 * SECOND : 0;
      expect(silence).toBeLessThan(30 * SECOND);
      expect(ending.values).toEqual([]);
    }
    expect(nops).toBeLessThanOrEqual(HOUR / (10 * SECOND));

    receive(psh(stream.id, 'still there?'), fin(stream.id));
    const read = observe(stream);
    expect([textOf(read.values), read.isComplete]).toEqual(['still there?', true]);
    session.destroy();
  });

  it('sends on though no timer says that the WebSocket has sent, by the messages that come', async () => {
    const { session, socket, receive } = inBackground();
    session.open().next(new Uint8Array(200 * 1024));
    session.open().next(new Uint8Array(200 * 1024));
    await pass();
    const before = socket.sent.length;
    socket.drain();
    await pass(10 * SECOND);
    expect(socket.sent.length).toBe(before);
    receive(nop());
    await pass();
    expect(socket.sent.length).toBeGreaterThan(before);
    session.destroy();
  });

  it('notices a peer that has gone', async () => {
    const { ending } = inBackground();
    await pass(5 * MINUTE);
    expect(ending.values).toMatchObject([{ cause: { code: 'SMUX_ERR_KEEPALIVE_TIMEOUT' } }]);
  });
});
