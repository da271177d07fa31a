import {
  BehaviorSubject,
  distinctUntilChanged,
  endWith,
  ignoreElements,
  interval,
  merge,
  type Observable,
  Subject,
  Subscription,
  scan,
  startWith,
  takeUntil,
  timer,
} from 'rxjs';
import { StreamError } from '../errors.js';
import { type Failure, type StreamHost } from '../session/StreamHost.js';
import {
  Command,
  type DataFrame,
  INITIAL_WINDOW,
  type SignalFrame,
  type UpdateFrame,
  type Version,
} from '../wire/frame.js';
import { limitByCredit } from './limitByCredit.js';
import { SendWindow } from './SendWindow.js';
import { splitPayload } from './splitPayload.js';

/** What a writer tells its stream. */
export interface WriterEvents {
  /** A FIN has been handed to the transport, and nothing waits behind it. */
  finSent(): void;
  /** The writer cannot go on. */
  failed(cause: StreamError): void;
}

/**
 * The sending half of a stream: bytes wait here for the peer's credit, become frames and join the fair queue.
 *
 * ```text
 * next ──► input ──► limitByCredit(limit$) ──► frames ──► the session's outlet
 *                        ▲ UPD frames
 * ```
 */
export class StreamWriter {
  /** Emits when the state of the writer has changed; completes when FIN was handed to the transport, or the writer failed. */
  readonly progress$ = new Subject<void>();
  /** Nothing more is accepted. */
  isEnded = false;
  /** Why the writer ended early. */
  failure: Failure | undefined;
  /** Bytes handed to the transport. */
  sent = 0;
  readonly #streamId: number;
  readonly #host: StreamHost;
  readonly #events: WriterEvents;
  readonly #window: SendWindow;
  /** What the peer lets us send in all; endless in version 1, nothing before the stream has been started. */
  readonly #limit$ = new BehaviorSubject(0);
  readonly #timers = new Subscription();
  #firstLimit = INITIAL_WINDOW;
  #input$: Subject<Uint8Array> | undefined;
  #framing: Subscription | undefined;
  #accepted = 0;
  #framed = 0;
  /** Frames in the outlet. */
  #queuedFrames = 0;
  #finsQueued = 0;
  #finsSent = 0;
  #isStarted = false;
  /** Everything accepted has become frames. */
  #isFramed = false;
  #isPeerEnded = false;
  /** The stream, or its session, has been closed: nothing holds its FIN back. */
  #isClosed = false;
  /** It was completed before it was closed: a single FIN would only be a half-close. */
  #needsSecondFin = false;
  #isLingering = false;

  constructor(streamId: number, host: StreamHost, events: WriterEvents) {
    this.#streamId = streamId;
    this.#host = host;
    this.#events = events;
    this.#window = new SendWindow(host.counters.sent);
  }

  /** Bytes accepted and not yet handed to the transport. */
  get bufferedAmount(): number {
    return this.#accepted - this.sent;
  }

  /** Bytes that the peer would take at once. */
  get credit(): number {
    return Math.max(0, this.#limit$.value - this.#framed);
  }

  get hasSentFin(): boolean {
    return this.#finsSent > 0;
  }

  /** Bytes that may be added while there is room: a larger chunk is added in parts. */
  get portion(): number {
    return Math.ceil(Math.min(HIGH_WATER, this.#host.options.maxSendBuffer / 2));
  }

  /** Less than `mark` waits here, and the session has room too. */
  hasRoom(mark = HIGH_WATER): boolean {
    return !this.isEnded && this.bufferedAmount < mark && this.#host.outlet.hasRoom;
  }

  /** Whether more bytes are welcome: not while {@link HIGH_WATER} waits, until half of it has left. Completes with the writer. */
  get writable$(): Observable<boolean> {
    const { room$ } = this.#host.outlet;
    const ended$ = this.progress$.pipe(ignoreElements(), endWith(undefined));
    return merge(this.progress$, room$).pipe(
      takeUntil(ended$),
      startWith(undefined),
      scan((wasWritable: boolean) => this.hasRoom(wasWritable ? HIGH_WATER : HIGH_WATER / 2), true),
      distinctUntilChanged(),
    );
  }

  /** The stream exists on the wire from now on, so frames may leave. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#limit$.next(this.#version === 1 ? Number.POSITIVE_INFINITY : this.#firstLimit);
    this.#offerFin();
  }

  /** @returns false when there is no room for the bytes */
  next(bytes: Uint8Array): boolean {
    if (this.isEnded || bytes.length === 0) return true;
    if (!this.#host.outlet.reserve(bytes.length)) return false;
    this.#accepted += bytes.length;
    this.#input().next(bytes);
    this.progress$.next();
    return true;
  }

  /** No more bytes: FIN follows what waits. */
  complete(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    if (this.#input$) this.#input$.complete();
    else this.#isFramed = true;
    this.progress$.next();
    this.#offerFin();
  }

  /** As `complete`; where that was called before, a second FIN tells that nobody reads any more. */
  close(): void {
    const hasQueuedFin = this.#finsQueued > 0;
    this.#needsSecondFin = this.isEnded;
    this.finish();
    if (hasQueuedFin && !this.#isPeerEnded) this.#queueFin();
    this.#watchCredit();
  }

  /** As `complete`, and the FIN waits for that of the peer no longer. */
  finish(): void {
    this.#isClosed = true;
    this.complete();
    this.#offerFin();
  }

  /** Throws away what waits, and sends FIN. */
  abort(cause: unknown): void {
    this.settle(cause);
    this.#isClosed = true;
    this.#isFramed = true;
    if (this.#isStarted) this.#queueFin();
  }

  /** The link ended, or the stream: nothing more will be handed over. */
  settle(cause: unknown): void {
    const { outlet } = this.#host;
    this.isEnded = true;
    this.#framing?.unsubscribe();
    this.#timers.unsubscribe();
    outlet.drop(this.#streamId, this.#queuedFrames);
    const dropped = this.bufferedAmount;
    this.#accepted = this.#framed = this.sent;
    this.#queuedFrames = 0;
    this.#finsQueued = this.#finsSent;
    if (!this.hasSentFin) this.failure ??= { cause };
    outlet.release(dropped); // last: another stream may take the room at once
    this.progress$.complete();
  }

  /** @throws ProtocolError on counts that cannot be */
  update(frame: UpdateFrame): void {
    const limit = this.#window.limitAfter(frame, this.#framed);
    if (this.#isStarted) this.#limit$.next(limit);
    else this.#firstLimit = limit;
  }

  /** The peer sent FIN: it may still read, but a second FIN says that it does not. */
  peerEnded(): void {
    if (this.#isPeerEnded && this.#finsQueued === 0) {
      if (this.isEnded && this.#isFramed) this.#queueFin();
      else this.#fail('the peer closed it');
    } else if (!this.#isPeerEnded) {
      this.#isPeerEnded = true;
      this.#watchCredit();
      this.#offerFin();
    }
  }

  /** Counts a frame that has been handed to the transport. Runs no code of others: its batch may hold more of this stream. */
  frameSent(frame: DataFrame | SignalFrame): void {
    this.#queuedFrames--;
    if (frame.command === Command.PSH) {
      this.sent += frame.payload.length;
      this.#host.outlet.release(frame.payload.length);
    } else this.#finsSent++;
  }

  /** Tells what `frameSent` has counted. */
  batchSent(): void {
    this.progress$.next();
    if (!this.hasSentFin) {
      this.#offerFin();
      return;
    }
    this.#timers.unsubscribe();
    this.progress$.complete();
    if (this.#finsSent === this.#finsQueued) this.#events.finSent();
  }

  get #version(): Version {
    return this.#host.session.version as Version;
  }

  #input(): Subject<Uint8Array> {
    if (this.#input$) return this.#input$;
    this.#input$ = new Subject();
    this.#framing = this.#input$.pipe(limitByCredit(this.#limit$)).subscribe({
      next: (chunk) => this.#frame(chunk),
      complete: () => {
        this.#isFramed = true;
        this.#offerFin();
      },
    });
    return this.#input$;
  }

  #frame(chunk: Uint8Array): void {
    const { outlet, options } = this.#host;
    this.#framed += chunk.length;
    for (const payload of splitPayload(chunk, options.maxFrameSize)) {
      this.#queuedFrames++;
      outlet.queue({ version: this.#version, command: Command.PSH, streamId: this.#streamId, payload });
    }
  }

  /** Queues the FIN of an ended writer once everything before it is on its way and nothing holds it back. */
  #offerFin(): void {
    const { finLinger, holdFinUntilPeerFin } = this.#host.options;
    if (!this.isEnded || !this.#isFramed || !this.#isStarted || this.#finsQueued > 0) return;
    if (holdFinUntilPeerFin && !this.#isPeerEnded && !this.#isClosed) return;
    // A Go peer drops what it has not read when it has both sent and received FIN.
    if (finLinger === 0 || !this.#isPeerEnded) {
      this.#queueFin();
      if (this.#needsSecondFin && !this.#isPeerEnded) this.#queueFin();
    } else if (!this.#isLingering && this.bufferedAmount === 0) {
      this.#isLingering = true;
      const queueUnlessQueued = () => {
        if (this.#finsQueued === 0) this.#queueFin(); // a second FIN of the peer may have been sooner
      };
      this.#timers.add(timer(finLinger).subscribe(queueUnlessQueued));
    }
  }

  #queueFin(): void {
    this.#finsQueued++;
    this.#queuedFrames++;
    this.#host.outlet.queue({ version: this.#version, command: Command.FIN, streamId: this.#streamId });
  }

  /** Fails a writer that waits for credit of a peer that may never give any. */
  #watchCredit(): void {
    if (this.#version === 1 || this.hasSentFin) return;
    const { closeTimeout } = this.#host.options;
    let framed = this.#framed;
    const watching = interval(closeTimeout).subscribe(() => {
      const isWaiting = this.#framed < this.#accepted;
      if (isWaiting && framed === this.#framed) this.#fail(`no credit for ${closeTimeout} ms of a peer that has ended`);
      framed = this.#framed;
    });
    this.#timers.add(watching);
  }

  #fail(message: string): void {
    this.#events.failed(new StreamError('SMUX_ERR_PEER_CLOSED', this.#streamId, message));
  }
}

/** Bytes: enough to fill a batch while the next one is being prepared. */
const HIGH_WATER = 262_144;
