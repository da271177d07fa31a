import {
  BehaviorSubject,
  concat,
  defer,
  distinctUntilChanged,
  interval,
  map,
  type Observable,
  of,
  Subject,
  type Subscription,
  timer,
} from 'rxjs';
import { StreamError } from '../errors.js';
import { type ResolvedOptions } from '../options.js';
import { Command, type DataFrame, type SignalFrame, type UpdateFrame, type Version } from '../wire/frame.js';
import { limitByCredit } from './limitByCredit.js';
import { type Outlet } from './Outlet.js';
import { SendWindow } from './SendWindow.js';
import { splitPayload } from './splitPayload.js';

/** What a writer needs of its stream. */
export interface WriterHost {
  readonly streamId: number;
  readonly options: ResolvedOptions;
  readonly outlet: Outlet;
  /** Bytes sent before this writer began, modulo 2^32. */
  readonly sentBefore: number;
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
  readonly #host: WriterHost;
  readonly #window: SendWindow;
  /** What the peer lets us send in all; endless in version 1, nothing before the stream has been started. */
  readonly #limit$ = new BehaviorSubject(0);
  #version: Version | undefined;
  #input$: Subject<Uint8Array> | undefined;
  #framing: Subscription | undefined;
  #progress$: Subject<void> | undefined;
  #timers: Subscription | undefined;

  #accepted = 0;
  #framed = 0;
  #handedOver = 0;
  /** Frames in the outlet. */
  #queuedFrames = 0;
  #finsQueued = 0;
  #finsSent = 0;
  /** Nothing more is accepted. */
  #isEnded = false;
  /** Everything accepted has become frames. */
  #isFramed = false;
  #isPeerEnded = false;
  /** The stream has been closed as a whole: nothing holds its FIN back. */
  #isClosed = false;
  #isLingering = false;
  #failure: { readonly cause: unknown } | undefined;

  constructor(host: WriterHost) {
    this.#host = host;
    this.#window = new SendWindow(host.sentBefore);
  }

  /** Bytes accepted and not yet handed to the transport. */
  get bufferedAmount(): number {
    return this.#accepted - this.#handedOver;
  }

  get handedOver(): number {
    return this.#handedOver;
  }

  /** Bytes that the peer would take at once. */
  get credit(): number {
    return Math.max(0, this.#limit$.value - this.#framed);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Why the writer ended early. */
  get failure(): { readonly cause: unknown } | undefined {
    return this.#failure;
  }

  get hasSentFin(): boolean {
    return this.#finsSent > 0;
  }

  /** Emits when bytes or FIN were handed to the transport; completes with the last of them, or when the writer failed. */
  get progress$(): Observable<void> {
    this.#progress$ ??= new Subject();
    if (this.hasSentFin || this.#failure) this.#progress$.complete();
    return this.#progress$;
  }

  /** Whether more bytes are welcome: not while {@link HIGH_WATER} waits, until half of it has left. Completes with the writer. */
  get writable$(): Observable<boolean> {
    return defer(() => {
      let isWritable = !this.#isEnded && this.bufferedAmount < HIGH_WATER;
      const changes$ = this.progress$.pipe(
        map(() => {
          const mark = isWritable ? HIGH_WATER : HIGH_WATER / 2;
          isWritable = !this.#isEnded && this.bufferedAmount < mark;
          return isWritable;
        }),
      );
      return concat(of(isWritable), changes$).pipe(distinctUntilChanged());
    });
  }

  /** The stream exists on the wire from now on, so frames may leave. */
  start(version: Version): void {
    if (this.#version !== undefined) return;
    this.#version = version;
    this.#limit$.next(version === 1 ? Number.POSITIVE_INFINITY : this.#window.initialLimit);
    this.#offerFin();
  }

  /** @returns false when there is no room for the bytes */
  next(bytes: Uint8Array): boolean {
    if (this.#isEnded || bytes.length === 0) return true;
    if (!this.#host.outlet.reserve(bytes.length)) return false;
    this.#accepted += bytes.length;
    this.#input().next(bytes);
    this.#progress$?.next();
    return true;
  }

  /** No more bytes: FIN follows what waits. */
  complete(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#input$) this.#input$.complete();
    else this.#isFramed = true;
    this.#progress$?.next();
    this.#offerFin();
  }

  /** As `complete`; a FIN that was sent before is followed by another, which tells that nobody reads any more. */
  close(): void {
    this.#isClosed = true;
    if (this.#finsQueued > 0) {
      if (!this.#isPeerEnded) this.#queueFin();
    } else if (this.#isEnded) this.#offerFin();
    else this.complete();
    this.#watchCredit();
  }

  /** Throws away what waits, and sends FIN. */
  abort(cause: unknown): void {
    this.#drop();
    this.settle(cause);
    this.#isClosed = true;
    this.#isFramed = true;
    if (this.#version !== undefined) this.#queueFin();
  }

  /** The link ended, or the stream: nothing more will be handed over. */
  settle(cause: unknown): void {
    this.#drop();
    this.#isEnded = true;
    if (!this.hasSentFin) this.#failure ??= { cause };
    this.#timers?.unsubscribe();
    this.#progress$?.complete();
  }

  /** @throws ProtocolError on counts that cannot be */
  update(frame: UpdateFrame): void {
    const limit = this.#window.limitAfter(frame, this.#framed);
    if (this.#version === 2) this.#limit$.next(limit);
  }

  /** The peer sent FIN: it may still read, but a second FIN says that it does not. */
  peerEnded(): void {
    if (this.#isPeerEnded) {
      if (this.#finsQueued > 0) return;
      if (this.#isEnded && this.#isFramed) this.#queueFin();
      else this.#fail('the peer closed it');
      return;
    }
    this.#isPeerEnded = true;
    this.#watchCredit();
    this.#offerFin();
  }

  /** Counts a frame that has been handed to the transport. Runs no code of others: its batch may hold more of this stream. */
  frameSent(frame: DataFrame | SignalFrame): void {
    this.#queuedFrames--;
    if (frame.command === Command.PSH) {
      this.#handedOver += frame.payload.length;
      this.#host.outlet.release(frame.payload.length);
    } else this.#finsSent++;
  }

  /** Tells what `frameSent` has counted. */
  batchSent(): void {
    this.#progress$?.next();
    if (!this.hasSentFin) {
      this.#offerFin();
      return;
    }
    this.#timers?.unsubscribe();
    this.#progress$?.complete();
    if (this.#finsSent === this.#finsQueued) this.#host.finSent();
  }

  #input(): Subject<Uint8Array> {
    if (this.#input$ === undefined) {
      this.#input$ = new Subject();
      this.#framing = this.#input$.pipe(limitByCredit(this.#limit$)).subscribe({
        next: (chunk) => this.#frame(chunk),
        complete: () => {
          this.#isFramed = true;
          this.#offerFin();
        },
      });
    }
    return this.#input$;
  }

  #frame(chunk: Uint8Array): void {
    const { streamId, outlet, options } = this.#host;
    this.#framed += chunk.length;
    for (const payload of splitPayload(chunk, options.maxFrameSize)) {
      this.#queuedFrames++;
      outlet.queue({ version: this.#version as Version, command: Command.PSH, streamId, payload });
    }
  }

  /** Queues the FIN of an ended writer once everything before it is on its way and nothing holds it back. */
  #offerFin(): void {
    const { finLinger, holdFinUntilPeerFin } = this.#host.options;
    if (!this.#isEnded || !this.#isFramed || this.#version === undefined || this.#finsQueued > 0) return;
    if (holdFinUntilPeerFin && !this.#isPeerEnded && !this.#isClosed) return;
    // A Go peer drops what it has not read when it has both sent and received FIN.
    if (finLinger > 0 && this.#isPeerEnded) {
      if (this.#isLingering || this.bufferedAmount > 0) return;
      this.#isLingering = true;
      this.#addTimer(timer(finLinger).subscribe(() => this.#queueFin()));
    } else this.#queueFin();
  }

  #queueFin(): void {
    this.#finsQueued++;
    this.#queuedFrames++;
    const { streamId, outlet } = this.#host;
    outlet.queue({ version: this.#version as Version, command: Command.FIN, streamId });
  }

  /** Fails a writer that waits for credit of a peer that may never give any. */
  #watchCredit(): void {
    if (this.#version === 1 || this.hasSentFin) return;
    const { closeTimeout } = this.#host.options;
    let framed = this.#framed;
    this.#addTimer(
      interval(closeTimeout).subscribe(() => {
        const isWaiting = this.#framed < this.#accepted;
        if (isWaiting && framed === this.#framed)
          this.#fail(`no credit for ${closeTimeout} ms from a peer that has ended its direction`);
        framed = this.#framed;
      }),
    );
  }

  #fail(message: string): void {
    this.#host.failed(new StreamError('SMUX_ERR_PEER_CLOSED', this.#host.streamId, message));
  }

  #drop(): void {
    this.#framing?.unsubscribe();
    const { streamId, outlet } = this.#host;
    outlet.drop(streamId, this.#queuedFrames);
    outlet.release(this.bufferedAmount);
    this.#accepted = this.#handedOver;
    this.#framed = this.#handedOver;
    this.#queuedFrames = 0;
    this.#finsQueued = this.#finsSent;
  }

  #addTimer(running: Subscription): void {
    if (this.#timers) this.#timers.add(running);
    else this.#timers = running;
  }
}

/** Bytes: enough to fill a batch while the next one is being prepared. */
export const HIGH_WATER = 262_144;
