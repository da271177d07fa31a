import { AsyncSubject, concat, EMPTY, map, Observable, Subject, Subscription, takeUntil, tap, timer } from 'rxjs';
import { SessionError, SmuxError } from '../errors.js';
import { follow } from '../follow.js';
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
  isClosed = false;
  readonly #options: ResolvedOptions;
  readonly #budget: ReceiveBudget;
  readonly #outlet: Outlet;
  readonly #streams: StreamTable;
  /** What lasts until our direction has ended, and what lasts until the session has. */
  readonly #sending = new Subscription();
  readonly #running = new Subscription();
  readonly #nopHeard$ = new Subject<void>();
  readonly #inputEnded$ = new Subject<never>();
  #received = 0;

  constructor(transport: Transport, options: ResolvedOptions, counters: InitialCounters = {}) {
    this.transport = transport;
    this.#options = options;
    this.#budget = new ReceiveBudget(options.maxReceiveBuffer, transport);
    const weight = (streamId: number) => this.#streams.inlets.get(streamId)?.receiver?.weight ?? 1;
    this.#outlet = new Outlet(transport, options.maxSendBuffer, weight);
    const released = ({ id }: SmuxStream) => this.#streams.release(id);
    const host = { session: this, options, outlet: this.#outlet, budget: this.#budget, counters, released };
    this.#streams = new StreamTable(host);
    this.streams$ = this.#streams.queue.streams$;
    this.#run(this.#outlet.batches$, this.#sending, (batch) => {
      this.#streams.batchSent(batch);
      this.#halfCloseIfDrained();
    });
    const { version, firstFrameTimeout: ms } = options;
    if (version !== 'auto') this.#start(version);
    else if (ms > 0) this.#run(timer(ms), this.#sending, () => this.#expectFrame(ms));
    this.#read();
  }

  get stats$(): Observable<SessionStats> {
    return timer(0, STATS_INTERVAL).pipe(
      map(() => this.stats),
      takeUntil(this.closed$),
    );
  }

  get stats(): SessionStats {
    const { sent, unsent } = this.#outlet;
    const { unread } = this.#budget;
    return { received: this.#received, sent, unread, unsent, ...this.#streams.counts, streamCount: this.streamCount };
  }

  get streamCount(): number {
    return this.#streams.inlets.size;
  }

  open({ weight = 1 }: { readonly weight?: number } = {}): SmuxStream {
    if (this.isClosed) throw new SessionError('SMUX_ERR_SESSION_CLOSED', 'the session is closed');
    return this.#streams.open(weight);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#streams.close();
    this.#run(timer(this.#options.drainTimeout), this.#sending, () => this.#halfClose());
    this.#halfCloseIfDrained();
  }

  /** Settles everything, once, and releases the transport. */
  destroy(cause?: Error): void {
    if (this.#running.closed) return;
    this.isClosed = true;
    this.#running.unsubscribe();
    this.#sending.unsubscribe();
    try {
      this.transport.destroy();
    } catch {
      // There is nothing more to release, and everybody is still to be told.
    }
    this.#streams.end(cause);
    this.closed$.next(cause === undefined ? {} : { cause });
    this.closed$.complete();
  }

  /** The inbound half: chunks become frames, frames find their streams. */
  #read(): void {
    const inlet = (streamId: number) => this.#streams.inlets.get(streamId);
    const frames$ = this.transport.incoming$.pipe(
      tap((chunk) => {
        this.#received += chunk.length;
      }),
      decodeFrames(this.#options.version),
    );
    const admitted$ = new Observable<Frame>((subscriber) => {
      const take = (frame: Frame) => {
        if (this.version === undefined) this.#start(frame.version);
        if (frame.command === Command.NOP) this.#nopHeard$.next();
        else this.#streams.admit(frame);
        subscriber.next(frame);
        this.#halfCloseIfDrained();
      };
      // For groupBy, the end of its source would be the end of every stream: how they end is for others to say.
      follow(subscriber, frames$, take, () => this.#inputEnded());
    });
    // Each group flows into the inlet of its stream, which tells who subscribes to it of its end, and of nothing else.
    this.#run(admitted$.pipe(demultiplex(inlet, inlet)), this.#running);
  }

  /** A detecting server does not wait for ever. */
  #expectFrame(ms: number): void {
    if (this.version !== undefined) return;
    throw new SessionError('SMUX_ERR_FIRST_FRAME_TIMEOUT', `no frame came for ${ms} ms`);
  }

  /** The version is known: there is something to send. */
  #start(version: Version): void {
    this.version = version;
    if (version === 2) this.#budget.overdraft = this.#options.maxReceiveOverdraft;
    this.#streams.start();
    const nops$ = keepAlive(
      this.#options,
      () => this.#received,
      () => this.#budget.isPaused,
      this.#nopHeard$,
    );
    this.#run(nops$, this.#sending, () => {
      // Frames that wait will show life as well as a NOP would, and a link that is stuck does not collect NOPs.
      if (this.#outlet.waiting === 0) this.#outlet.queue({ version, command: Command.NOP, streamId: 0 });
    });
  }

  /** Runs a part of the session for as long as `span` lasts. What goes wrong in it, and in `next`, ends the session. */
  #run<T>(part$: Observable<T>, span: Subscription, next?: (value: T) => void): void {
    const error = (cause: unknown) => {
      const isOwn = cause instanceof SmuxError && cause.code !== 'SMUX_ERR_TRUNCATED';
      const why = cause instanceof Error ? cause.message : String(cause);
      this.destroy(isOwn ? cause : new SessionError('SMUX_ERR_LINK_LOST', `the link was lost: ${why}`, { cause }));
    };
    span.add(part$.pipe(tap(next)).subscribe({ error }));
  }

  #inputEnded(): void {
    this.#inputEnded$.complete();
    const { length } = this.#streams.all.filter(({ isUnfinished }) => isUnfinished);
    if (length > 0) throw new SessionError('SMUX_ERR_LINK_LOST', `the link ended with ${length} streams unfinished`);
    this.#halfClose();
  }

  #halfCloseIfDrained(): void {
    if (!this.isClosed) return;
    if (this.version === undefined || (this.streamCount === 0 && this.#outlet.waiting === 0)) this.#halfClose();
  }

  /**
   * The last of an orderly end: what was written leaves, then the peer's end of the link is waited for, however long it is silent.
   * A socket destroyed with unread input would reset, and lose what we have written.
   */
  #halfClose(): void {
    if (this.#sending.closed) return;
    this.isClosed = true;
    this.#sending.unsubscribe();
    this.#streams.end();
    this.transport.close();
    this.transport.resume();
    const { flushed$ = EMPTY } = this.transport;
    const answered$ = this.#inputEnded$.pipe(takeUntil(timer(DISCARD_TIMEOUT)));
    const late$ = timer(this.#options.drainTimeout + DISCARD_TIMEOUT);
    const discarding$ = concat(flushed$, answered$).pipe(takeUntil(late$));
    this.#running.add(discarding$.subscribe({ complete: () => this.destroy() }));
  }
}

const STATS_INTERVAL = 1000;
const DISCARD_TIMEOUT = 1000;
