import { asapScheduler, Observable, Subject } from 'rxjs';
import { Feed } from '../Feed.js';
import { follow } from '../follow.js';
import { type Transport } from '../transport/Transport.js';
import { encodeFrames } from '../wire/encodeFrames.js';
import { Command, type Frame } from '../wire/frame.js';
import { batchSizes } from './batchSizes.js';
import { fairQueue } from './fairQueue.js';

/**
 * The sending end of a session: frames of all streams line up here and leave in batches, one whenever the transport is ready.
 *
 * ```text
 * queue ──► fairQueue(demand$) ──► encodeFrames ──► transport.write ──► batches$
 *               ▲ one demand a turn                      │
 *               └──────── true, or drained$ ◄────────────┘
 * ```
 */
export class Outlet {
  /** Frames that wait. */
  waiting = 0;
  /** Bytes that streams hold unsent. */
  unsent = 0;
  /** Bytes handed to the transport. */
  sent = 0;
  /**
   * Bytes that one stream may hold through `send`, which asks before it pulls: the less is free, the less each may hold, so that
   * all get about the same. Up to half of the send buffer it is never less than {@link FLOOR}: many streams whose readers have
   * stopped do not hold up the others. The other half is for `next`, which does not ask.
   */
  share: number;
  /** Emits when the share has grown, or come to nothing. */
  readonly room$ = new Subject<void>();
  /** Batches that the transport has taken, which it gets while this is subscribed to; errors with what it throws. */
  readonly batches$: Observable<readonly Frame[]>;
  readonly #maxSendBuffer: number;
  readonly #frames$ = new Feed<Frame>();
  readonly #demand$ = new Feed<void>();
  readonly #drop$ = new Feed<number>();
  /** The transport is ready, and no batch is about to be written. */
  #isIdle = true;

  /** @param maxSendBuffer bytes @param weight of a stream */
  constructor(transport: Transport, maxSendBuffer: number, weight: (streamId: number) => number) {
    this.#maxSendBuffer = maxSendBuffer;
    this.share = shareOf(maxSendBuffer, 0);
    const sizeNow = batchSizes();
    const batchSize = () => sizeNow(this.sent, this.unsent);
    const queue = fairQueue({ demand$: this.#demand$, drop$: this.#drop$, isControl, batchSize, weight });
    this.batches$ = new Observable((subscriber) => {
      const write = (batch: readonly Frame[]) => {
        const bytes = encodeFrames(batch);
        const isReady = transport.write(bytes);
        for (const { length } of bytes) this.sent += length;
        for (const frame of batch) if (frame.command === Command.PSH) this.unsent -= frame.payload.length;
        this.waiting -= batch.length;
        subscriber.next(batch);
        this.updateShare();
        if (isReady) this.#ready();
      };
      follow(subscriber, transport.drained$, () => this.#ready());
      // What throws must not reach the asap scheduler, which would drop what other sessions have scheduled.
      follow(subscriber, this.#frames$.pipe(queue), write);
    });
  }

  queue(frame: Frame): void {
    this.waiting++;
    this.#frames$.next(frame);
    this.#wake();
  }

  /** Throws away the data frames of a stream, and forgets it. @param count how many there are */
  drop(streamId: number, count: number): void {
    this.waiting -= count;
    this.#drop$.next(streamId);
  }

  /** Asks for room in the send buffer; what has been sent gives it back. The share is updated when the bytes are in their place. */
  reserve(size: number): boolean {
    if (this.#used + size > this.#maxSendBuffer) return false;
    this.unsent += size;
    return true;
  }

  /** Gives back the room of what was dropped. */
  release(size: number): void {
    this.unsent -= size;
    this.updateShare();
  }

  /** Not with each frame that is queued: whoever is told may do anything, and a stream may be about to queue more. */
  updateShare(): void {
    const before = this.share;
    this.share = shareOf(this.#maxSendBuffer, this.#used);
    if (this.share > before || (this.share === 0 && before > 0)) this.room$.next();
  }

  /** Bytes of memory that what waits takes: a frame of one byte takes hardly less than a frame of a hundred. */
  get #used(): number {
    return this.unsent + Math.max(0, this.waiting - FREE_FRAMES) * FRAME_COST;
  }

  /** The transport takes more. */
  #ready(): void {
    this.#isIdle = true;
    this.#wake();
  }

  /** Flushes behind the code that runs now, so that what it queues leaves together. */
  #wake(): void {
    if (!this.#isIdle || this.waiting === 0) return;
    this.#isIdle = false;
    asapScheduler.schedule(() => {
      if (this.waiting > 0) this.#demand$.next();
      else this.#isIdle = true; // all that waited was dropped
    });
  }
}

function shareOf(maxSendBuffer: number, used: number): number {
  if (used >= maxSendBuffer / 2) return 0;
  const part = Math.min(MAX_SHARE, Math.max(1, (maxSendBuffer * (3 / 8) - used) / SHARES));
  // A power of 2: what changes with each frame would have to be told with each frame.
  const share = 1 << (31 - Math.clz32(part));
  return Math.max(share, Math.ceil(Math.min(FLOOR, maxSendBuffer / 8)));
}

function isControl({ command }: Frame): boolean {
  return command === Command.SYN || command === Command.UPD || command === Command.NOP;
}

/** Bytes. */
const FLOOR = 4096;
const MAX_SHARE = 1_048_576;
/** Streams that could take the free part, if each took its share. */
const SHARES = 16;
/** Bytes. */
const FRAME_COST = 192;
/** As many as a few batches of small messages have. */
const FREE_FRAMES = 4096;
