import { Observable, Subject, type Subscriber, type Subscription } from 'rxjs';
import { Fifo } from '../queue/Fifo.js';
import { type TransportInfo } from '../transport/Transport.js';
import { type LinkedTransport } from './linkedTransports.js';
import { type Turns } from './Turns.js';
import { type Wire, type WireEnd } from './Wire.js';

/** One end of a link in memory: what a wire brings, and what another one is given. */
export class LinkEnd implements LinkedTransport, WireEnd {
  readonly info: TransportInfo = {};
  readonly drained$ = new Subject<void>();
  readonly flushed$ = new Subject<never>();
  peer!: LinkEnd;
  wire!: Wire;
  writeCount = 0;
  isPaused = false;
  isDestroyed = false;
  readonly #turns: Turns;
  readonly #sendBuffer: number;
  #arrived = new Fifo<Uint8Array>();
  #delivery: Subscription | undefined;
  #flushing: Subscription | undefined;
  #subscriber: Subscriber<Uint8Array> | undefined;
  /** Bytes written that the other end has not taken. */
  #unread = 0;
  #isFull = false;
  #isInputEnded = false;
  #isOutputEnded = false;
  #failure: { readonly cause: Error } | undefined;

  constructor(turns: Turns, sendBuffer: number) {
    this.#turns = turns;
    this.#sendBuffer = sendBuffer;
  }

  readonly incoming$ = new Observable<Uint8Array>((subscriber) => {
    this.#subscriber = subscriber;
    this.#deliverSoon();
    return () => {
      this.#subscriber = undefined;
    };
  });

  write(batch: readonly Uint8Array[]): boolean {
    if (this.#isOutputEnded || this.isDestroyed || this.peer.isDestroyed) return true;
    this.writeCount++;
    for (const { length } of batch) this.#unread += length;
    this.wire.send(batch);
    if (this.#unread >= this.#sendBuffer) this.#isFull = true;
    return !this.#isFull;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.#deliverSoon();
  }

  close(): void {
    if (this.#isOutputEnded || this.isDestroyed) return;
    this.#isOutputEnded = true;
    this.wire.end();
    this.#flushing = this.#turns.schedule(() => this.flushed$.complete(), this.wire.msUntilFlushed);
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.#delivery?.unsubscribe();
    this.#flushing?.unsubscribe();
    this.#arrived = new Fifo();
    this.peer.wire.stop();
    if (this.peer.isDestroyed) this.#turns.stop();
    else this.wire.abandon();
    this.flushed$.complete();
  }

  break(cause: Error): void {
    this.#fail(cause);
    this.peer.#fail(cause);
  }

  silence(): void {
    this.wire.silence();
    this.peer.wire.silence();
  }

  arrived(chunk: Uint8Array): void {
    this.#arrived.push(chunk);
    this.#deliver();
  }

  ended(): void {
    this.#isInputEnded = true;
    this.#deliver();
  }

  broke(): void {
    this.break(new Error('the link broke'));
  }

  /** What has not been read is lost, as it is when a socket breaks. */
  #fail(cause: Error): void {
    if (this.isDestroyed || this.#failure) return;
    this.#failure = { cause };
    this.#isOutputEnded = true;
    this.wire.stop();
    this.#deliverSoon();
  }

  #deliverSoon(): void {
    if (this.isDestroyed) return;
    this.#delivery ??= this.#turns.schedule(() => {
      this.#delivery = undefined;
      this.#deliver();
    });
  }

  #deliver(): void {
    if (this.#failure) {
      this.#subscriber?.error(this.#failure.cause);
      this.flushed$.complete();
      return;
    }
    while (this.#subscriber && !this.isPaused) {
      const chunk = this.#arrived.shift();
      if (chunk) {
        this.#subscriber.next(chunk);
        this.peer.#taken(chunk.length);
      } else if (this.#isInputEnded) this.#subscriber.complete();
      else return;
    }
  }

  #taken(size: number): void {
    this.#unread -= size;
    if (!this.#isFull || this.#unread >= this.#sendBuffer || this.isDestroyed) return;
    this.#isFull = false;
    this.drained$.next();
  }
}
