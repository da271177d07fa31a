import { BehaviorSubject, Observable, of, Subject, type Subscriber, type Subscription, tap } from 'rxjs';
import { ProtocolError, StreamError } from '../errors.js';
import { limitByCredit } from '../outbound/limitByCredit.js';
import { INITIAL_WINDOW } from '../wire/frame.js';
import { type ReceiveBudget } from './ReceiveBudget.js';
import { type WindowUpdate, windowUpdates } from './windowUpdates.js';

/** What a reader needs of its stream. */
export interface ReaderHost {
  readonly streamId: number;
  readonly budget: ReceiveBudget;
  /** Version 2 returns credit and holds the peer to it. */
  readonly hasWindows: boolean;
  /** Bytes. */
  readonly window: number;
  /** Bytes consumed before this reader began, modulo 2^32. */
  readonly consumedBefore: number;
  sendUpdate(update: WindowUpdate): void;
}

/**
 * The receiving half of a stream: bytes wait here until a consumer wants them, and return their credit once it is done with them.
 *
 * ```text
 * receive ──► input ──► limitByCredit(demand$) ──► the consumer
 *                                                      │ consumed
 *                          UPD frames ◄── windowUpdates┘
 * ```
 */
export class StreamReader {
  readonly #host: ReaderHost;
  /** How many bytes may be delivered in all. With no consumer: as many as have been. */
  readonly #demand$ = new BehaviorSubject(0);
  #input$: Subject<Uint8Array> | undefined;
  #delivery: Subscription | undefined;
  #consumer: Subscriber<Uint8Array> | undefined;
  #consumed$: Subject<number> | undefined;
  readonly #updateSent$ = new Subject<void>();

  #received = 0;
  #delivered = 0;
  #consumed = 0;
  /** The highest limit ever announced: a peer that keeps to its window cannot go beyond it. */
  #announced = INITIAL_WINDOW;
  /** Nothing more is received. */
  #isEnded = false;
  /** All that was received has been delivered, or dropped. */
  #isFinished = false;
  #failure: { readonly cause: unknown } | undefined;

  constructor(host: ReaderHost) {
    this.#host = host;
  }

  get received(): number {
    return this.#received;
  }

  get consumed(): number {
    return this.#consumed;
  }

  /** Bytes received and not yet delivered. */
  get unread(): number {
    return this.#isFinished ? 0 : this.#received - this.#delivered;
  }

  /** @throws ProtocolError `SMUX_ERR_FLOW_CONTROL` when the peer sends more than any window allowed */
  receive(payload: Uint8Array): void {
    if (this.#isEnded) return;
    this.#received += payload.length;
    if (this.#host.hasWindows && this.#received > this.#announced) {
      const excess = this.#received - this.#announced;
      const message = `stream ${this.#host.streamId} received ${excess} bytes more than its window allowed`;
      throw new ProtocolError('SMUX_ERR_FLOW_CONTROL', message);
    }
    this.#host.budget.take(payload.length);
    this.#input().next(payload);
  }

  /** The peer ended its direction: the consumer completes behind the bytes that wait. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#input$) this.#input$.complete();
    else this.#finish();
  }

  /** The link ended: the consumer errors behind the bytes that wait, unless the peer had ended its direction before. */
  fail(cause: unknown): void {
    if (!this.#isEnded) this.#failure = { cause };
    this.end();
  }

  /** Drops what waits; the consumer completes, or errors with the cause of a failure. */
  discard(failure?: { readonly cause: unknown }): void {
    if (this.#isFinished) return;
    this.#host.budget.give(this.unread);
    this.#isEnded = true;
    this.#failure = failure;
    this.#delivery?.unsubscribe();
    this.#finish();
  }

  /**
   * The bytes, as `limit$` allows; they stay unconsumed until `consume` is called for them.
   * @param limit$ bytes wanted in all since the subscription; may fall
   */
  chunks(limit$: Observable<number>): Observable<Uint8Array> {
    return new Observable((subscriber) => {
      if (this.#isFinished) return this.#settle(subscriber);
      if (this.#consumer) {
        return subscriber.error(
          new StreamError('SMUX_ERR_STREAM_LOCKED', this.#host.streamId, 'somebody is reading it'),
        );
      }
      const before = this.#delivered;
      this.#consumer = subscriber;
      subscriber.add(() => {
        this.#consumer = undefined;
        this.#demand$.next(this.#delivered);
      });
      this.#input();
      subscriber.add(
        limit$.subscribe({
          next: (limit) => this.#demand$.next(before + limit),
          error: (error: unknown) => subscriber.error(error),
        }),
      );
    });
  }

  /** The bytes as fast as they arrive, each chunk consumed when the subscriber's `next` has returned. */
  flow(): Observable<Uint8Array> {
    return new Observable((subscriber) =>
      this.chunks(of(Number.POSITIVE_INFINITY)).subscribe({
        next: (chunk) => {
          subscriber.next(chunk);
          this.consume(chunk.length);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  }

  /** A consumer has finished with bytes that it was given: their credit returns. */
  consume(size: number): void {
    this.#consumed += size;
    this.#host.budget.give(size);
    // Behind the peer's FIN nobody waits for credit.
    if (this.#host.hasWindows && !this.#isEnded) this.#updates().next(size);
  }

  /** The last window update has been handed to the transport. */
  updateSent(): void {
    if (!this.#isEnded) this.#updateSent$.next();
  }

  #input(): Subject<Uint8Array> {
    if (this.#input$ === undefined) {
      this.#input$ = new Subject();
      this.#delivery = this.#input$.pipe(limitByCredit(this.#demand$)).subscribe({
        next: (chunk) => {
          this.#delivered += chunk.length;
          this.#consumer?.next(chunk);
        },
        complete: () => this.#finish(),
      });
    }
    return this.#input$;
  }

  #updates(): Subject<number> {
    if (this.#consumed$ === undefined) {
      const { window, consumedBefore } = this.#host;
      this.#consumed$ = new Subject();
      this.#consumed$
        .pipe(
          windowUpdates({ window, consumed: consumedBefore, sent$: this.#updateSent$ }),
          tap((update) => {
            this.#announced = Math.max(this.#announced, this.#consumed + update.window);
          }),
        )
        .subscribe((update) => this.#host.sendUpdate(update));
    }
    return this.#consumed$;
  }

  #finish(): void {
    this.#isFinished = true;
    if (this.#consumer) this.#settle(this.#consumer);
  }

  #settle(subscriber: Subscriber<Uint8Array>): void {
    if (this.#failure) subscriber.error(this.#failure.cause);
    else subscriber.complete();
  }
}
