import { Subject } from 'rxjs';
import { vi } from 'vitest';
import { resolveOptions, type SessionOptions } from '../../lib/options.js';
import { MuxSession } from '../../lib/session/MuxSession.js';
import { type InitialCounters } from '../../lib/session/StreamHost.js';
import { type Transport } from '../../lib/transport/Transport.js';
import { encodeFrames } from '../../lib/wire/encodeFrames.js';
import { FrameDecoder } from '../../lib/wire/FrameDecoder.js';
import { type Frame } from '../../lib/wire/frame.js';
import { wordsOf } from './frames.js';
import { push } from './vectors.js';

/** A session whose peer, and whose link, do what a spec says. Meant for fake timers: `pass` lets time go by. */
export function scriptedPeer(options: SessionOptions, counters?: InitialCounters) {
  const incoming$ = new Subject<Uint8Array>();
  const drained$ = new Subject<void>();
  const decoder = new FrameDecoder('auto');
  const link = { isPaused: false, isClosed: false, isDestroyed: false, isFull: false, writeCount: 0, size: 0 };
  const sent: string[] = [];

  const transport: Transport = {
    incoming$,
    drained$,
    info: {},
    write(batch) {
      link.writeCount++;
      for (const bytes of batch) {
        link.size += bytes.length;
        for (const frame of push(decoder, bytes.slice())) sent.push(wordsOf(frame));
      }
      return !link.isFull;
    },
    pause() {
      link.isPaused = true;
    },
    resume() {
      link.isPaused = false;
    },
    close() {
      link.isClosed = true;
    },
    destroy() {
      link.isDestroyed = true;
    },
  };
  const session = new MuxSession(transport, resolveOptions({ firstFrameTimeout: 0, ...options }), counters);
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

  return {
    session,
    link,
    pass,
    /** Frames from the peer, in one chunk; then a turn passes. */
    async receive(...frames: readonly Frame[]) {
      incoming$.next(new Uint8Array(Buffer.concat(encodeFrames(frames))));
      await pass();
    },
    /** Bytes from the peer, as hex. */
    async receiveHex(hex: string) {
      incoming$.next(new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex')));
      await pass();
    },
    /** What the session has sent since the last call, in words. */
    async sent() {
      await pass();
      return sent.splice(0);
    },
    async end() {
      incoming$.complete();
      await pass();
    },
    async break(cause: Error) {
      incoming$.error(cause);
      await pass();
    },
    /** The link takes more, for good or for one write. */
    async drain({ once = false } = {}) {
      link.isFull = once;
      drained$.next();
      await pass();
    },
    hasListeners: () => incoming$.observed || drained$.observed,
  };
}
