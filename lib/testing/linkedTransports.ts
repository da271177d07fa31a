import { asapScheduler, asyncScheduler, Observable, Subject, type Subscriber, Subscription } from 'rxjs';
import { Fifo } from '../queue/Fifo.js';
import { type Transport, type TransportInfo } from '../transport/Transport.js';

/** What a link in memory is like; the same both ways. */
export interface LinkOptions {
  /** Time from `write` to arrival, in milliseconds of the scheduler's clock. Default: 0, which is a turn later */
  readonly latency?: number;
  /** Cuts what arrives into chunks of this size, in bytes. Default: as it was written */
  readonly chunkSize?: number;
  /** `write` says `false` while this many bytes are under way. Default: `Infinity` */
  readonly sendBuffer?: number;
}

/** One end of an in-memory link. */
export interface LinkedTransport extends Transport {
  /** Batches written to this end so far. */
  readonly writeCount: number;
  readonly isPaused: boolean;
  readonly isDestroyed: boolean;
  /** Both ends see the link break. */
  break(cause: Error): void;
}

/**
 * Two transports, each one's output the other's input, without a socket. Time comes from RxJS schedulers, so that inside
 * `TestScheduler.run` it is virtual. Bytes are copied on the way, as a wire would. Without latency everything happens in microtasks:
 * two ends that never stop answering each other let nothing else run.
 */
export function linkedTransports(options: LinkOptions = {}): [LinkedTransport, LinkedTransport] {
  const a = new LinkEnd(options);
  const b = new LinkEnd(options);
  a.peer = b;
  b.peer = a;
  return [a, b];
}

class LinkEnd implements LinkedTransport {
  readonly info: TransportInfo = {};
  readonly drained$ = new Subject<void>();
  peer!: LinkEnd;
  writeCount = 0;
  isPaused = false;
  isDestroyed = false;
  readonly #options: LinkOptions;
  readonly #arrived = new Fifo<Uint8Array>();
  readonly #timers = new Subscription();
  #subscriber: Subscriber<Uint8Array> | undefined;
  #underWay = 0;
  #isFull = false;
  #isInputEnded = false;
  #isOutputEnded = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  readonly incoming$ = new Observable<Uint8Array>((subscriber) => {
    this.#subscriber = subscriber;
    this.#later(0, () => this.#deliver());
    return () => {
      this.#subscriber = undefined;
    };
  });

  write(batch: readonly Uint8Array[]): boolean {
    if (this.#isOutputEnded || this.isDestroyed) return true;
    this.writeCount++;
    const { latency = 0, chunkSize = Number.POSITIVE_INFINITY, sendBuffer = Number.POSITIVE_INFINITY } = this.#options;
    const copies = batch.map((bytes) => new Uint8Array(bytes)); // not `slice`: that of a Node Buffer is another view;
    const size = copies.reduce((sum, { length }) => sum + length, 0);
    this.#underWay += size;
    this.#later(latency, () => {
      for (const bytes of copies) this.peer.#arrive(bytes, chunkSize);
      this.#underWay -= size;
      if (!this.#isFull || this.#underWay >= sendBuffer) return;
      this.#isFull = false;
      this.drained$.next();
    });
    if (this.#underWay >= sendBuffer) this.#isFull = true;
    return !this.#isFull;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.#later(0, () => this.#deliver());
  }

  close(): void {
    if (this.#isOutputEnded || this.isDestroyed) return;
    this.#isOutputEnded = true;
    this.#later(this.#options.latency ?? 0, () => this.peer.#endInput());
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.#timers.unsubscribe();
    if (!this.peer.isDestroyed) this.peer.#later(this.#options.latency ?? 0, () => this.peer.#endInput());
  }

  break(cause: Error): void {
    for (const end of [this, this.peer]) {
      end.#isOutputEnded = true;
      end.#later(0, () => end.#subscriber?.error(cause));
    }
  }

  #arrive(bytes: Uint8Array, chunkSize: number): void {
    for (let at = 0; at < bytes.length; at += chunkSize) this.#arrived.push(bytes.subarray(at, at + chunkSize));
    this.#deliver();
  }

  #endInput(): void {
    this.#isInputEnded = true;
    this.#deliver();
  }

  #deliver(): void {
    while (this.#subscriber && !this.isPaused) {
      const chunk = this.#arrived.shift();
      if (chunk) this.#subscriber.next(chunk);
      else if (this.#isInputEnded) this.#subscriber.complete();
      else return;
    }
  }

  #later(delay: number, work: () => void): void {
    const scheduler = delay > 0 ? asyncScheduler : asapScheduler;
    this.#timers.add(scheduler.schedule(work, delay));
  }
}
