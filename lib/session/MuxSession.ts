import {
  AsyncSubject,
  asyncScheduler,
  concat,
  EMPTY,
  ignoreElements,
  map,
  Observable,
  of,
  race,
  Subject,
  Subscription,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { SessionError, SmuxError } from '../errors.js';
import { decodeFrames } from '../inbound/decodeFrames.js';
import { demultiplex } from '../inbound/demultiplex.js';
import { ReceiveBudget } from '../inbound/ReceiveBudget.js';
import { type ResolvedOptions } from '../options.js';
import { Outlet } from '../outbound/Outlet.js';
import { type Session, type SessionStats } from '../session.js';
import { type Ending, type SmuxStream } from '../stream.js';
import { type Transport } from '../transport/Transport.js';
import { Command, type Frame, type Version } from '../wire/frame.js';
import { keepAlive } from './keepAlive.js';
import { type InitialCounters } from './StreamHost.js';
import { StreamTable } from './StreamTable.js';

/** Wiring only: joins the two halves of the pipeline to a transport. */
export class MuxSession implements Session {
  readonly transport: Transport;
  readonly streams$: Observable<SmuxStream>;
  readonly closed$ = new AsyncSubject<Ending>();
  version: Version | undefined;
  readonly #options: ResolvedOptions;
  readonly #budget: ReceiveBudget;
  readonly #outlet: Outlet;
  readonly #streams: StreamTable;
  readonly #running = new Subscription();
  readonly #inputEnded$ = new Subject<never>();
  #state: 'open' | 'closing' | 'discarding' | 'closed' = 'open';
  #firstFrameTimer: Subscription | undefined;
  #watching: Subscription | undefined;
  #received = 0;
  #nopQueuedAt = asyncScheduler.now();

  constructor(transport: Transport, options: ResolvedOptions, counters: InitialCounters = {}) {
    this.transport = transport;
    this.#options = options;
    this.#budget = new ReceiveBudget(options.maxReceiveBuffer, transport);
    this.#outlet = new Outlet({
      transport,
      maxSendBuffer: options.maxSendBuffer,
      weightOf: (streamId) => this.#streams.get(streamId)?.weight ?? 1,
      batchSent: (batch) => this.#batchSent(batch),
      failed: (cause) => this.#fail(cause),
    });
    const released = (stream: SmuxStream) => this.#streams.release(stream);
    const host = { session: this, options, outlet: this.#outlet, budget: this.#budget, counters, released };
    this.#streams = new StreamTable(host, () => this.#halfCloseIfDrained());
    this.streams$ = this.#streams.streams$;
    if (options.version !== 'auto') this.#start(options.version);
    this.#keepAlive();
    this.#expectFirstFrame();
    this.#read();
  }

  get stats$(): Observable<SessionStats> {
    return timer(0, STATS_INTERVAL).pipe(
      map(() => this.stats),
      takeUntil(this.closed$),
    );
  }

  get stats(): SessionStats {
    const { sent, reserved: unsent } = this.#outlet;
    const { counts, size: streamCount } = this.#streams;
    return { received: this.#received, sent, unread: this.#budget.held, unsent, ...counts, streamCount };
  }

  get isClosed(): boolean {
    return this.#state !== 'open';
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  open({ weight = 1 }: { readonly weight?: number } = {}): SmuxStream {
    if (this.isClosed) throw new SessionError('SMUX_ERR_SESSION_CLOSED', 'the session is closed');
    return this.#streams.open(weight);
  }

  close(): void {
    if (this.isClosed) return;
    this.#state = 'closing';
    this.#streams.close();
    this.#running.add(timer(this.#options.drainTimeout).subscribe(() => this.#halfClose()));
    this.#halfCloseIfDrained();
  }

  destroy(cause?: Error): void {
    this.#end(cause);
  }

  /** The inbound half: chunks become frames, frames find their streams. */
  #read(): void {
    const frames$ = new Observable<Frame>((subscriber) =>
      this.transport.incoming$
        .pipe(
          tap((chunk) => {
            this.#received += chunk.length;
          }),
          decodeFrames(this.#options.version),
        )
        .subscribe({
          next: (frame) => {
            if (this.#admit(frame)) subscriber.next(frame);
          },
          // For groupBy, the end of its source would be the end of every stream: how they end is for `#end` to say.
          error: (cause: unknown) => this.#fail(cause),
          complete: () => this.#inputEnded(),
        }),
    );
    // An inlet tells who subscribes to it of its end, and of nothing else.
    const known = (streamId: number) => this.#streams.inlet(streamId);
    this.#running.add(
      frames$.pipe(demultiplex(known, known)).subscribe({
        next: ({ key }) => this.#streams.deliver(key),
        error: (cause: unknown) => this.#fail(cause),
      }),
    );
  }

  /** A detecting server does not wait for ever. */
  #expectFirstFrame(): void {
    const { version, firstFrameTimeout: ms } = this.#options;
    if (version !== 'auto' || ms === 0) return;
    this.#firstFrameTimer = timer(ms).subscribe(() =>
      this.#end(new SessionError('SMUX_ERR_FIRST_FRAME_TIMEOUT', `no frame came for ${ms} ms`)),
    );
    this.#running.add(this.#firstFrameTimer);
  }

  /** Does what a frame asks of the session itself; true where it is for a stream. */
  #admit(frame: Frame): boolean {
    if (this.#state === 'discarding') return false;
    if (this.version === undefined) this.#start(frame.version);
    if (frame.command !== Command.NOP) return this.#streams.admit(frame);
    this.#answerNop();
    return false;
  }

  #start(version: Version): void {
    this.version = version;
    this.#firstFrameTimer?.unsubscribe();
    if (version === 2) this.#budget.overdraft = this.#options.maxReceiveOverdraft;
    this.#streams.start();
  }

  #keepAlive(): void {
    const received = () => this.#received;
    // Before the first frame `firstFrameTimeout` is in charge.
    const isPaused = () => this.#budget.isPaused || this.version === undefined;
    this.#watching = keepAlive(this.#options, received, isPaused).subscribe({
      next: () => this.#queueNop(),
      error: (cause: unknown) => this.#fail(cause),
    });
    this.#running.add(this.#watching);
  }

  /** Frames that wait will show life as well as a NOP would, and a link that is stuck does not collect NOPs. */
  #queueNop(): void {
    if (this.version === undefined || this.#outlet.waiting > 0) return;
    this.#nopQueuedAt = asyncScheduler.now();
    this.#outlet.queue({ version: this.version, command: Command.NOP, streamId: 0 });
  }

  /** Our own timer may be throttled, in a browser's background tab: the peer's NOP shows that it is time. Never one for one. */
  #answerNop(): void {
    const { keepAliveDisabled, keepAliveInterval } = this.#options;
    if (!keepAliveDisabled && asyncScheduler.now() - this.#nopQueuedAt >= keepAliveInterval) this.#queueNop();
  }

  #batchSent(batch: readonly Frame[]): void {
    this.#streams.batchSent(batch);
    this.#halfCloseIfDrained();
  }

  #inputEnded(): void {
    this.#inputEnded$.complete();
    const count = this.#streams.unfinished;
    if (count === 0) this.#halfClose();
    else this.#end(new SessionError('SMUX_ERR_LINK_LOST', `the link ended with ${count} streams unfinished`));
  }

  #halfCloseIfDrained(): void {
    if (this.#state !== 'closing') return;
    if (this.version === undefined || (this.#streams.size === 0 && this.#outlet.waiting === 0)) this.#halfClose();
  }

  /**
   * The last of an orderly end: what was written leaves, then the peer's end of the link is waited for. A socket destroyed with
   * unread input would reset, and lose what we have written.
   */
  #halfClose(): void {
    if (this.#state === 'discarding' || this.#state === 'closed') return;
    this.#state = 'discarding';
    this.#watching?.unsubscribe(); // a peer that has ended is silent; our last bytes may take longer than its silence may
    this.#outlet.stop();
    this.#streams.end(
      new SessionError('SMUX_ERR_SESSION_CLOSED', 'the session was closed before the stream had ended'),
    );
    this.transport.close();
    this.transport.resume();
    const { flushed$ = EMPTY } = this.transport;
    const answered$ = race(this.#inputEnded$, timer(DISCARD_TIMEOUT)).pipe(ignoreElements());
    const late$ = timer(this.#options.drainTimeout + DISCARD_TIMEOUT);
    this.#running.add(race(concat(flushed$, answered$, of(undefined)), late$).subscribe(() => this.#end()));
  }

  #fail(cause: unknown): void {
    const isOwn = cause instanceof SmuxError && cause.code !== 'SMUX_ERR_TRUNCATED';
    this.#end(
      isOwn ? cause : new SessionError('SMUX_ERR_LINK_LOST', `the link was lost: ${messageOf(cause)}`, { cause }),
    );
  }

  /** Settles everything, once, and releases the transport. */
  #end(cause?: Error): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#running.unsubscribe();
    this.#outlet.stop();
    try {
      this.transport.destroy();
    } catch {
      // There is nothing more to release, and everybody is still to be told.
    }
    this.#streams.end(cause ?? new SessionError('SMUX_ERR_SESSION_CLOSED', 'the session was closed under the stream'));
    this.closed$.next(cause === undefined ? {} : { cause });
    this.closed$.complete();
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

const STATS_INTERVAL = 1000;
const DISCARD_TIMEOUT = 1000;
