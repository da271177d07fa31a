import { BehaviorSubject, Observable, of, Subject, type Subscriber, type Subscription, tap } from 'rxjs';
import { ProtocolError, StreamError } from '../errors.js';
import { follow } from '../follow.js';
import { limitByCredit } from '../outbound/limitByCredit.js';
import { type Failure, type StreamHost } from '../session/StreamHost.js';
import { Command, INITIAL_WINDOW } from '../wire/frame.js';
import { windowUpdates } from './windowUpdates.js';

/**
 * The receiving half of a stream: bytes wait here until a consumer wants them, and return their credit once it is done with them.
 *
 * ```text
 * receive ──► input ──► limitByCredit(demand$) ──► the consumer
 *                                                      │ consumed
 *                         UPD frames ◄── windowUpdates ┘
 * ```
 */
export class StreamReader {
  /** Bytes received, delivered to consumers, and consumed by them. */
  received = 0;
  delivered = 0;
  consumed = 0;
  readonly #streamId: number;
  readonly #host: StreamHost;
  /** How many bytes may be delivered in all. With no consumer: as many as have been. */
  readonly #demand$ = new BehaviorSubject(0);
  readonly #updateSent$ = new Subject<void>();
  #input$: Subject<Uint8Array> | undefined;
  #consumed$: Subject<number> | undefined;
  #delivery: Subscription | undefined;
  #consumer: Subscriber<Uint8Array> | undefined;
  /** The highest limit ever announced: a peer that keeps to its window cannot go beyond it. */
  #announced = INITIAL_WINDOW;
  /** Nothing more is received. */
  #isEnded = false;
  /** All that was received has been delivered, or dropped. */
  #isFinished = false;
  #failure: Failure | undefined;

  constructor(streamId: number, host: StreamHost) {
    this.#streamId = streamId;
    this.#host = host;
  }

  /** Bytes received and not yet delivered. */
  get unread(): number {
    return this.#isFinished ? 0 : this.received - this.delivered;
  }

  /** @throws ProtocolError `SMUX_ERR_FLOW_CONTROL` when the peer sends more than any window allowed */
  receive(payload: Uint8Array): void {
    if (this.#isEnded) return;
    this.received += payload.length;
    const excess = this.received - this.#announced;
    if (excess > 0 && this.#hasWindows) {
      const message = `stream ${this.#streamId} received ${excess} bytes more than its window allowed`;
      throw new ProtocolError('SMUX_ERR_FLOW_CONTROL', message);
    }
    this.#host.budget.take(payload.length);
    this.#input().next(payload);
  }

  /** The peer ended its direction, or the link failed: the consumer completes, or errors, behind the bytes that wait. */
  end(failure?: Failure): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#failure = failure;
    if (this.#input$) this.#input$.complete();
    else this.#finish();
  }

  /** Drops what waits; the consumer completes, or errors. */
  discard(failure?: Failure): void {
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
        return subscriber.error(new StreamError('SMUX_ERR_STREAM_LOCKED', this.#streamId, 'somebody is reading it'));
      }
      const before = this.delivered;
      this.#consumer = subscriber;
      subscriber.add(() => {
        this.#consumer = undefined;
        this.#demand$.next(this.delivered);
      });
      this.#input();
      follow(subscriber, limit$, (limit) => this.#demand$.next(before + limit));
    });
  }

  /** The bytes as fast as they arrive, each chunk consumed when the subscriber's `next` has returned. */
  flow(): Observable<Uint8Array> {
    return new Observable((subscriber) =>
      follow(
        subscriber,
        this.chunks(of(Number.POSITIVE_INFINITY)),
        (chunk) => {
          subscriber.next(chunk);
          this.consume(chunk.length);
        },
        () => subscriber.complete(),
      ),
    );
  }

  /** A consumer has finished with bytes that it was given: their credit returns. */
  consume(size: number): void {
    this.consumed += size;
    this.#host.budget.give(size);
    // Behind the peer's FIN nobody waits for credit.
    if (this.#hasWindows && !this.#isEnded) this.#updates().next(size);
  }

  /** The last window update has been handed to the transport. */
  updateSent(): void {
    if (!this.#isEnded) this.#updateSent$.next();
  }

  get #hasWindows(): boolean {
    return this.#host.session.version === 2;
  }

  #input(): Subject<Uint8Array> {
    if (this.#input$) return this.#input$;
    this.#input$ = new Subject();
    this.#delivery = this.#input$.pipe(limitByCredit(this.#demand$)).subscribe({
      next: (chunk) => {
        this.delivered += chunk.length;
        this.#consumer?.next(chunk);
      },
      complete: () => this.#finish(),
    });
    return this.#input$;
  }

  #updates(): Subject<number> {
    if (this.#consumed$) return this.#consumed$;
    const { options, counters, outlet } = this.#host;
    const { maxStreamBuffer: window } = options;
    this.#consumed$ = new Subject();
    this.#consumed$
      .pipe(
        windowUpdates({ window, consumed: counters.consumed ?? 0, sent$: this.#updateSent$ }),
        tap(() => {
          this.#announced = Math.max(this.#announced, this.consumed + window);
        }),
      )
      .subscribe((update) => outlet.queue({ version: 2, command: Command.UPD, streamId: this.#streamId, ...update }));
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
