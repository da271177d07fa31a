import {
  distinctUntilChanged,
  endWith,
  ignoreElements,
  interval,
  merge,
  type Observable,
  Subject,
  type Subscription,
  scan,
  startWith,
  takeUntil,
  timer,
} from 'rxjs';
import { StreamError } from '../errors.js';
import { type Failure, type StreamHost } from '../session/StreamHost.js';
import { type SmuxStream } from '../stream.js';
import { Command, type Frame, INITIAL_WINDOW, type UpdateFrame, type Version } from '../wire/frame.js';
import { CreditFeed } from './CreditFeed.js';
import { limitAfter } from './limitAfter.js';
import { splitPayload } from './splitPayload.js';

/**
 * The sending half of a stream: bytes wait here for the peer's credit, become frames and join the fair queue.
 *
 * ```text
 * next ──► input ──► limitByCredit(limit$) ──► frames ──► the session's outlet
 *                        ▲ UPD frames
 * ```
 */
export class StreamWriter {
  /** Nothing more is accepted. */
  isEnded = false;
  /** A source is being sent. */
  isLocked = false;
  /** Why the writer ended early. */
  failure: Failure | undefined;
  /** Bytes handed to the transport. */
  sent = 0;
  readonly #stream: SmuxStream;
  readonly #host: StreamHost;
  // Pipes are laid when something flows: most streams of a large session are idle.
  #input$: CreditFeed | undefined;
  #progress$: Subject<void> | undefined;
  /** A FIN is held back for `finLinger`. */
  #lingering: Subscription | undefined;
  /** A peer that may never give credit is watched. */
  #watching: Subscription | undefined;
  /** What the peer lets us send in all, from the start on; endless in version 1. */
  #limit = 0;
  #accepted = 0;
  #framed = 0;
  /** Frames in the outlet. */
  #queuedFrames = 0;
  #finsWanted = 0;
  #finsQueued = 0;
  #finsSent = 0;
  #isStarted = false;
  #isPeerEnded = false;
  /** The stream, or its session, has been closed: nothing holds its FIN back. */
  #isClosed = false;

  constructor(stream: SmuxStream, host: StreamHost) {
    this.#stream = stream;
    this.#host = host;
  }

  /** Bytes accepted and not yet handed to the transport. */
  get bufferedAmount(): number {
    return this.#accepted - this.sent;
  }

  /** Bytes that the peer would take at once. */
  get credit(): number {
    return Math.max(0, this.#limit - this.#framed);
  }

  get hasSentFin(): boolean {
    return this.#finsSent > 0;
  }

  /** FIN has been handed to the transport, and nothing waits behind it. */
  get isFinished(): boolean {
    return this.hasSentFin && this.#finsSent === this.#finsQueued;
  }

  /** Emits when the state of the writer has changed; completes when FIN was handed to the transport, or the writer failed. */
  get progress$(): Observable<void> {
    this.#progress$ ??= new Subject();
    if (this.hasSentFin || this.failure) this.#progress$.complete();
    return this.#progress$;
  }

  /** Emits when other streams may have made room in the session. */
  get room$(): Observable<void> {
    return this.#host.outlet.room$;
  }

  /** Whether more bytes are welcome: not while {@link HIGH_WATER} waits, until half of it has left. Completes with the writer. */
  get writable$(): Observable<boolean> {
    return merge(this.progress$, this.room$).pipe(
      takeUntil(this.progress$.pipe(ignoreElements(), endWith(undefined))),
      startWith(undefined),
      scan((wasWritable, _) => this.hasRoom(wasWritable ? HIGH_WATER : HIGH_WATER / 2), true),
      distinctUntilChanged(),
    );
  }

  /** Bytes that may be added at once while there is room: a larger chunk is added in parts. */
  get portion(): number {
    return Math.min(HIGH_WATER, this.#host.outlet.share || HIGH_WATER);
  }

  /** Less than `mark` waits here, and the session has room too. */
  hasRoom(mark = HIGH_WATER): boolean {
    return !this.isEnded && this.bufferedAmount < Math.min(mark, this.#host.outlet.share);
  }

  /** The stream exists on the wire from now on, so frames may leave. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#limit = this.#version === 1 ? Number.POSITIVE_INFINITY : INITIAL_WINDOW;
    this.#input$?.limit$.next(this.#limit);
    this.#offerFin();
  }

  /** @returns false when there is no room for the bytes */
  next(bytes: Uint8Array): boolean {
    if (this.isEnded || bytes.length === 0) return true;
    if (!this.#host.outlet.reserve(bytes.length)) return false;
    this.#accepted += bytes.length;
    this.#input$ ??= new CreditFeed(this.#limit, (chunk) => this.#frame(chunk));
    this.#input$.next(bytes);
    this.#host.outlet.updateShare(); // not before: who is told of it may end the stream
    this.#watchCredit();
    this.#progress$?.next();
    return true;
  }

  /** No more bytes: FIN follows what waits. */
  complete(): void {
    if (!this.isEnded) {
      this.isEnded = true;
      this.#finsWanted = 1;
      this.#progress$?.next();
    }
    this.#offerFin();
  }

  /** As `complete`, and the FIN waits for that of the peer no longer. */
  finish(): void {
    this.#isClosed = true;
    this.complete();
  }

  /** As `finish`; where `complete` was called before, a second FIN tells that nobody reads any more. */
  close(): void {
    if (this.isEnded && !this.#isPeerEnded) this.#finsWanted = 2;
    this.finish();
    this.#watchCredit();
  }

  /** Throws away what waits, and sends FIN. */
  abort(cause: unknown): void {
    this.settle(cause);
    this.#isClosed = true;
    this.#finsWanted = this.#finsSent + 1;
    this.#offerFin();
  }

  /** The link ended, or the stream: nothing more will be handed over. */
  settle(cause: unknown): void {
    this.isEnded = true;
    this.#input$?.flow.unsubscribe();
    this.#lingering?.unsubscribe();
    this.#watching?.unsubscribe();
    this.release();
    const dropped = this.bufferedAmount;
    this.#accepted = this.#framed = this.sent;
    this.#finsWanted = this.#finsQueued = this.#finsSent;
    if (!this.hasSentFin) this.failure ??= { cause };
    this.#host.outlet.release(dropped); // last: another stream may take the room at once
    this.#progress$?.complete();
  }

  /** Takes back what waits in the outlet: behind the end of both directions nothing should follow, a second FIN included. */
  release(): void {
    this.#host.outlet.drop(this.#stream.id, this.#queuedFrames);
    this.#queuedFrames = 0;
  }

  /** @throws ProtocolError on counts that cannot be */
  update(frame: UpdateFrame): void {
    this.#limit = limitAfter(frame, this.#framed, this.#host.counters.sent);
    this.#input$?.limit$.next(this.#limit);
  }

  /** The peer sent FIN: it may still read, but a second FIN says that it does not. */
  peerEnded(): void {
    if (!this.#isPeerEnded) {
      this.#isPeerEnded = true;
      this.#watchCredit();
      this.#offerFin();
    } else if (this.#finsQueued === 0) {
      if (this.#isFramed) this.#queueFin();
      else this.#fail('the peer closed it');
    }
  }

  /** Counts a frame that has been handed to the transport. Runs no code of others: its batch may hold more of this stream. */
  frameSent(frame: Frame): void {
    this.#queuedFrames--;
    if (frame.command === Command.PSH) this.sent += frame.payload.length;
    else this.#finsSent++;
  }

  /** Tells what `frameSent` has counted. */
  batchSent(): void {
    this.#progress$?.next();
    if (!this.hasSentFin) {
      if (this.isEnded) this.#offerFin();
      return;
    }
    this.#watching?.unsubscribe();
    this.#progress$?.complete();
  }

  get #version(): Version {
    return this.#host.session.version as Version;
  }

  /** Everything that will ever be accepted has become frames. */
  get #isFramed(): boolean {
    return this.isEnded && this.#framed === this.#accepted;
  }

  #frame(chunk: Uint8Array): void {
    const { outlet, options } = this.#host;
    for (const payload of splitPayload(chunk, options.maxFrameSize)) {
      this.#framed += payload.length;
      this.#queuedFrames++;
      outlet.queue({ version: this.#version, command: Command.PSH, streamId: this.#stream.id, payload });
    }
    this.#offerFin();
  }

  /** Queues the FIN of an ended writer once everything before it is on its way and nothing holds it back. */
  #offerFin(): void {
    if (!this.#isFramed || !this.#isStarted) return;
    const { finLinger, holdFinUntilPeerFin } = this.#host.options;
    if (this.#finsQueued === 0) {
      if (holdFinUntilPeerFin && !this.#isPeerEnded && !this.#isClosed) return;
      // A Go peer drops what it has not read when it has both sent and received FIN.
      if (finLinger > 0 && this.#isPeerEnded && !this.failure) {
        if (this.bufferedAmount === 0) this.#lingering ??= timer(finLinger).subscribe(() => this.#queueFin());
        return;
      }
    }
    const wanted = this.#isPeerEnded ? 1 : this.#finsWanted; // one that has ended knows without a second one
    while (this.#finsQueued < wanted) this.#queueFin();
  }

  #queueFin(): void {
    this.#lingering?.unsubscribe(); // a second FIN of the peer may be sooner
    this.#finsQueued++;
    this.#queuedFrames++;
    this.#host.outlet.queue({ version: this.#version, command: Command.FIN, streamId: this.#stream.id });
  }

  /** Fails a writer that waits for credit of a peer that may never give any. */
  #watchCredit(): void {
    if (this.#watching || this.#framed === this.#accepted || !(this.#isPeerEnded || this.#isClosed)) return;
    const { closeTimeout } = this.#host.options;
    let framed = this.#framed;
    this.#watching = interval(closeTimeout).subscribe(() => {
      const isWaiting = this.#framed < this.#accepted;
      if (isWaiting && framed === this.#framed) this.#fail(`no credit for ${closeTimeout} ms of a peer that has ended`);
      framed = this.#framed;
    });
  }

  #fail(message: string): void {
    this.#stream.writerFailed(new StreamError('SMUX_ERR_PEER_CLOSED', this.#stream.id, message));
  }
}

/** Bytes: enough to fill a batch while the next one is being prepared. */
const HIGH_WATER = 262_144;
