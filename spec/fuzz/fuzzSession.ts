import { Subject } from 'rxjs';
import { SmuxError } from '../../lib/errors.js';
import { handleStreams } from '../../lib/handleStreams.js';
import { createSession } from '../../lib/session.js';
import { type SmuxStream } from '../../lib/stream.js';
import { type Transport } from '../../lib/transport/Transport.js';
import { FrameDecoder } from '../../lib/wire/FrameDecoder.js';
import { type Frame, type Version } from '../../lib/wire/frame.js';
import { textOrSize, wordsOf } from '../helpers/frames.js';
import { observe } from '../helpers/observe.js';

/** What a whole session is put through. */
export interface SessionScript {
  readonly version: Version;
  readonly role: 'client' | 'server';
  /** What it does with streams of the peer: sends back, does not read, closes, aborts; or does not accept them. */
  readonly service: 'echo' | 'hold' | 'close' | 'error' | 'none';
  /** Bytes of the peer; an empty chunk lets a turn pass. */
  readonly chunks: readonly Uint8Array[];
  /** The link takes nothing after so many writes. */
  readonly fullAfter: number;
}

/** What became of it. */
export interface SessionOutcome {
  /** Frames of the peer until the first bytes that are none. */
  readonly frames: number;
  /** Frames that the session has sent, in words. */
  readonly sent: readonly string[];
  /** Of streams that were not read: what was left to be read at the end, by ID. */
  readonly unread: Readonly<Record<number, string>>;
  /** What the session ended with before it was destroyed. */
  readonly code?: string;
}

/**
 * Runs a session against a peer that sends anything. What it sends itself must be frames; what it holds must be within its options;
 * in the end everything has settled, once, with an error of ours or none.
 */
export async function fuzzSession({
  version,
  role,
  service,
  chunks,
  fullAfter,
}: SessionScript): Promise<SessionOutcome> {
  const incoming$ = new Subject<Uint8Array>();
  const drained$ = new Subject<void>();
  const ours = new FrameDecoder(version);
  const sent: Frame[] = [];
  let writes = 0;
  let released = 0;
  const transport: Transport = {
    incoming$,
    drained$,
    info: {},
    write(batch) {
      for (const bytes of batch) ours.push(bytes, { closed: false, next: (frame) => void sent.push(frame) });
      return ++writes < fullAfter;
    },
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
    destroy: () => void released++,
  };
  const session = createSession(transport, { role, version, keepAliveDisabled: true, ...LIMITS });
  const endings: unknown[] = [];
  const held: SmuxStream[] = [];
  session.closed$.subscribe((ending) => endings.push(ending));
  if (service === 'echo') session.streams$.pipe(handleStreams((stream) => stream.send(stream))).subscribe();
  else if (service !== 'none') {
    session.streams$.subscribe((stream) => {
      if (service === 'close') stream.close();
      if (service === 'error') stream.error(new Error('no'));
      if (service === 'hold') held.push(stream);
    });
  }
  if (role === 'client') {
    const stream = session.open();
    stream.next(new Uint8Array(300_000));
    if (service === 'hold') held.push(stream);
  }

  const counter = new FrameDecoder(version);
  let frames = 0;
  let isSound = true;
  for (const chunk of chunks) {
    incoming$.next(chunk);
    if (chunk.length === 0) await new Promise((resolve) => setImmediate(resolve));
    try {
      if (isSound) counter.push(chunk, { closed: false, next: () => void frames++ });
    } catch {
      isSound = false;
      if (!session.isClosed) throw new Error('the session goes on behind bytes that are no frame');
    }
    const { unread, unsent, streamCount } = session.stats;
    const limit = LIMITS.maxReceiveBuffer + LIMITS.maxReceiveOverdraft + 65_535 * chunks.length;
    if (unread < 0 || unread > limit) throw new Error(`${unread} bytes unread`);
    if (unsent < 0 || unsent > LIMITS.maxSendBuffer) throw new Error(`${unsent} bytes unsent`);
    if (streamCount > LIMITS.maxStreams + 1) throw new Error(`${streamCount} streams`);
  }
  const unread = Object.fromEntries(held.map((stream) => [stream.id, textOrSize(observe(stream).values)]));
  if (service === 'hold' && session.stats.unread !== 0)
    throw new Error(`${session.stats.unread} bytes that nobody can read`);
  session.destroy();
  const [ending] = endings as [{ cause?: unknown }];
  if (endings.length !== 1) throw new Error(`ended ${endings.length} times`);
  if (ending.cause !== undefined && !(ending.cause instanceof SmuxError)) throw ending.cause;
  if (released !== 1) throw new Error(`released ${released} times`);
  const { streamCount, unsent } = session.stats;
  if (streamCount !== 0 || unsent !== 0) throw new Error(`${streamCount} streams and ${unsent} bytes left`);
  if (incoming$.observed || drained$.observed) throw new Error('somebody still listens to the link');
  const outcome = { frames, sent: sent.map(wordsOf), unread };
  return ending.cause === undefined ? outcome : { ...outcome, code: ending.cause.code };
}

const LIMITS = {
  maxReceiveBuffer: 300_000,
  maxReceiveOverdraft: 300_000,
  maxSendBuffer: 1_000_000,
  maxStreams: 5,
  acceptBacklog: 3,
} as const;
