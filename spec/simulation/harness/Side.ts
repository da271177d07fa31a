import { type Subscription } from 'rxjs';
import { type ResolvedOptions, type Role } from '../../../lib/options.js';
import { type Session } from '../../../lib/session.js';
import { type Ending, type SmuxStream } from '../../../lib/stream.js';
import { type Transport } from '../../../lib/transport/Transport.js';
import { type Core } from './Core.js';
import { describeFrame, FrameParser, type WireFrame } from './FrameParser.js';
import { type History } from './History.js';
import { type Judge } from './Judge.js';
import { RefusalRules } from './RefusalRules.js';
import { type StreamEnd } from './StreamEnd.js';
import { TappedTransport } from './TappedTransport.js';
import { WireRules } from './WireRules.js';

/** What a side tells of. */
export interface SideEvents {
  accepted(stream: SmuxStream): void;
  /** Something that must settle has begun; call the result when it has. */
  expect(what: string): () => void;
  trace(words: string): void;
}

/** One side of the link: its session, what passes on its wire, and its ends of the streams. */
export class Side {
  readonly role: Role;
  readonly options: ResolvedOptions;
  readonly session: Session;
  readonly transport: TappedTransport;
  readonly rules: WireRules;
  readonly ends = new Map<number, StreamEnd>();
  /** When its application has closed it, in milliseconds, and whether it knew its version by then. */
  closedAt: number | undefined;
  knewVersion = false;
  ending: Ending | undefined;
  /** Bytes on the wire, and frames other than those that only show life. */
  bytesSent = 0;
  framesSent = 0;
  framesReceived = 0;
  /** What the application destroyed it with. */
  destroyedWith: Error | undefined;
  readonly #refusals: RefusalRules;
  readonly #judge: Judge;
  readonly #events: SideEvents;
  #accepting: Subscription | undefined;

  constructor(role: Role, history: History, transport: Transport, core: Core, judge: Judge, events: SideEvents) {
    this.role = role;
    this.options = core.resolveOptions({ role, ...history.options[role] });
    this.#judge = judge;
    this.#events = events;
    const counters = history.counters[role];
    this.rules = new WireRules(
      {
        role,
        maxFrameSize: this.options.maxFrameSize,
        maxReceiveBuffer: this.options.maxReceiveBuffer,
        sentBefore: counters.sent ?? 0,
        consumedBefore: counters.consumed ?? 0,
        consumedOf: (streamId) => this.ends.get(streamId)?.consumed,
      },
      judge,
    );
    this.transport = new TappedTransport(transport, this.#listener(), judge);
    this.session = new core.MuxSession(this.transport, this.options, counters);
    this.#refusals = new RefusalRules(this.options, judge);
    const isSettled = events.expect(`closed$ of the ${role}`);
    this.session.closed$.subscribe({
      next: (ending) => {
        if (this.ending) judge.blame('two endings', role);
        this.ending = ending;
        events.trace(`${role} ended: ${ending.cause?.message ?? 'in order'}`);
      },
      complete: isSettled,
    });
  }

  get isClosing(): boolean {
    return this.closedAt !== undefined;
  }

  get isAccepting(): boolean {
    return this.#accepting !== undefined;
  }

  /** Begins to accept streams, or stops. */
  accept(isAccepting: boolean): void {
    this.#accepting?.unsubscribe();
    this.#accepting = undefined;
    if (!isAccepting) return;
    const isSettled = this.#events.expect(`streams$ of the ${this.role}`);
    this.#accepting = this.session.streams$.subscribe((stream) => this.#events.accepted(stream));
    this.#accepting.add(isSettled);
  }

  /** @param now milliseconds */
  close(now: number): void {
    if (!this.session.isClosed) {
      this.closedAt = now;
      this.knewVersion = this.session.version !== undefined;
    }
    this.session.close();
  }

  destroy(cause: Error): void {
    if (this.ending === undefined) this.destroyedWith = cause;
    this.session.destroy(cause);
  }

  /** @param isOwn this side has opened it */
  add(stream: SmuxStream, end: StreamEnd, isOwn: boolean): void {
    if (this.ends.has(stream.id)) this.#judge.blame('stream ID', `${stream.id} twice`);
    this.ends.set(stream.id, end);
    if (!isOwn) this.#refusals.accepted(stream);
  }

  /** What the options bound. */
  checkBounds(): void {
    const { maxReceiveBuffer, maxReceiveOverdraft, maxSendBuffer } = this.options;
    const { unread, unsent, streamCount } = this.session.stats;
    this.#refusals.check(this.session, this.isAccepting);
    const isWindowed = this.session.version === 2;
    const most = maxReceiveBuffer + (isWindowed ? maxReceiveOverdraft : 0) + this.transport.surplus;
    if (unread < 0 || unread > most) this.#judge.blame('receive buffer', `${unread} of ${most} bytes, ${this.role}`);
    if (unsent < 0 || unsent > maxSendBuffer) {
      this.#judge.blame('send buffer', `${unsent} of ${maxSendBuffer} bytes, ${this.role}`);
    }
    if (streamCount > this.rules.streams.size + this.ends.size) this.#judge.blame('streamCount', `${streamCount}`);
  }

  #listener() {
    const sent = new FrameParser(this.#judge, (frame) => {
      this.#events.trace(`${this.role} sends ${describeFrame(frame)}`);
      if (frame.command !== 'NOP') this.framesSent++;
      this.ends.get(frame.streamId)?.noteWritten();
      this.rules.sent(frame);
    });
    const received = new FrameParser(this.#judge, (frame) => {
      this.#events.trace(`${this.role} gets ${describeFrame(frame)}`);
      if (frame.command !== 'NOP') this.framesReceived++;
      this.rules.received(frame);
      if (frame.command === 'SYN') this.#refusals.asked();
      this.#checkStreamBuffer(frame);
    });
    return {
      batch: () => this.rules.batch(),
      sent: (bytes: Uint8Array) => {
        this.bytesSent += bytes.length;
        sent.push(bytes);
      },
      received: (bytes: Uint8Array) => received.push(bytes),
    };
  }

  /** A stream may hold what its window allows, and what the protocol lets every stream begin with. */
  #checkStreamBuffer({ command, streamId }: WireFrame): void {
    if (command !== 'PSH' || this.rules.version !== 2) return;
    const end = this.ends.get(streamId);
    if (end === undefined) return;
    const most = Math.max(INITIAL_WINDOW, this.options.maxReceiveBuffer);
    const { unread } = end.stream.stats;
    if (unread > most) this.#judge.blame('stream buffer', `${unread} of ${most} bytes, ${end.name}`);
  }
}

/** Bytes. */
const INITIAL_WINDOW = 262_144;
