import { asapScheduler, Subject, type Subscription, tap } from 'rxjs';
import { Feed } from '../Feed.js';
import { type Transport } from '../transport/Transport.js';
import { Command, type Frame } from '../wire/frame.js';
import { encodeFrames } from './encodeFrames.js';
import { fairQueue } from './fairQueue.js';

/** What an outlet needs of its session. */
export interface OutletHost {
  readonly transport: Transport;
  /** Bytes. */
  readonly maxSendBuffer: number;
  weightOf(streamId: number): number;
  /** A batch has been handed to the transport. */
  batchSent(batch: readonly Frame[]): void;
  /** The transport threw. */
  failed(cause: unknown): void;
}

/**
 * The sending end of a session: frames of all streams line up here and leave in batches, one whenever the transport is ready.
 *
 * ```text
 * queue ──► fairQueue(demand$) ──► encodeFrames ──► transport.write
 *               ▲ one demand a turn                      │
 *               └──────── true, or drained$ ◄────────────┘
 * ```
 */
export class Outlet {
  /** Frames that wait. */
  waiting = 0;
  /** Bytes that streams hold unsent. */
  reserved = 0;
  /** Bytes handed to the transport. */
  sent = 0;
  /** Emits when there is room again for what `send` pulls, or no more. */
  readonly room$ = new Subject<void>();
  readonly #host: OutletHost;
  readonly #frames$ = new Feed<Frame>();
  readonly #demand$ = new Feed<void>();
  readonly #drop$ = new Feed<number>();
  readonly #running: Subscription;
  #batch: readonly Frame[] = [];
  #isReady = true;
  #isScheduled = false;
  #isCounting = false;
  #owesRoom = false;

  constructor(host: OutletHost) {
    this.#host = host;
    this.#running = this.#frames$
      .pipe(
        fairQueue({
          demand$: this.#demand$,
          drop$: this.#drop$,
          isControl,
          weight: (streamId) => host.weightOf(streamId),
        }),
        tap((batch) => {
          this.#batch = batch;
        }),
        encodeFrames(),
      )
      .subscribe({ next: (bytes) => this.#write(bytes), error: (cause: unknown) => host.failed(cause) });
    this.#running.add(
      host.transport.drained$.subscribe(() => {
        this.#isReady = true;
        this.#wake();
      }),
    );
  }

  queue(frame: Frame): void {
    if (this.#running.closed) return;
    this.waiting++;
    this.#frames$.next(frame);
    this.#wake();
  }

  /** Throws away the data frames of a stream, and forgets it. @param count how many there are */
  drop(streamId: number, count: number): void {
    if (this.#running.closed) return;
    this.waiting -= count;
    this.#drop$.next(streamId);
  }

  /** Half of the send buffer is for what waits for turns and credit, so that `send`, which asks before, never goes beyond it. */
  get hasRoom(): boolean {
    return this.reserved < this.#host.maxSendBuffer / 2;
  }

  /** Asks for room in the send buffer. */
  reserve(size: number): boolean {
    if (this.reserved + size > this.#host.maxSendBuffer) return false;
    const hadRoom = this.hasRoom;
    this.reserved += size;
    if (hadRoom && !this.hasRoom) this.room$.next();
    return true;
  }

  /** Gives room back, and tells, unless a batch is being counted: that tells when it is done. */
  release(size: number): void {
    const hadRoom = this.hasRoom;
    this.reserved -= size;
    if (hadRoom || !this.hasRoom) return;
    if (this.#isCounting) this.#owesRoom = true;
    else this.room$.next();
  }

  stop(): void {
    this.#running.unsubscribe();
    this.waiting = 0;
  }

  /** Flushes behind the code that runs now, so that what it queues leaves together. */
  #wake(): void {
    if (this.#isScheduled || !this.#isReady || this.waiting === 0) return;
    this.#isScheduled = true;
    asapScheduler.schedule(() => {
      this.#isScheduled = false;
      if (this.#isReady && this.waiting > 0 && !this.#running.closed) this.#demand$.next();
    });
  }

  /** Never throws: the asap scheduler would drop what other sessions have scheduled. */
  #write(bytes: readonly Uint8Array[]): void {
    try {
      this.#isReady = this.#host.transport.write(bytes);
      for (const chunk of bytes) this.sent += chunk.length;
      const batch = this.#batch;
      this.#batch = [];
      this.waiting -= batch.length;
      this.#isCounting = true;
      this.#host.batchSent(batch);
      this.#isCounting = false;
      if (this.#owesRoom) {
        this.#owesRoom = false;
        this.room$.next();
      }
      this.#wake();
    } catch (cause) {
      this.#host.failed(cause);
    }
  }
}

function isControl({ command }: Frame): boolean {
  return command === Command.SYN || command === Command.UPD || command === Command.NOP;
}
