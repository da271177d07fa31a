import { Observable, type Subscriber } from 'rxjs';
import { ProtocolError, StreamError } from '../errors.js';
import { Feed } from '../Feed.js';
import { follow } from '../follow.js';
import { CreditFeed } from '../outbound/CreditFeed.js';
import { type Failure, type StreamHost } from '../session/StreamHost.js';
import { Command, INITIAL_WINDOW } from '../wire/frame.js';
import { WindowTuner } from './WindowTuner.js';
import { type WindowUpdate, windowUpdates } from './windowUpdates.js';

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
  // Pipes are laid when something flows: most streams of a large session are idle.
  #input$: CreditFeed | undefined;
  #consumed$: Feed<number> | undefined;
  #updateSent$: Feed<void> | undefined;
  #consumer: Subscriber<Uint8Array> | undefined;
  /** Bytes that may be delivered in all. With no consumer: as many as have been. */
  #wanted = 0;
  /** What the consumer gets counts as consumed. */
  #isFlow = false;
  #tuner: WindowTuner | undefined;
  /** The highest limit ever announced: a peer that keeps to its window cannot go beyond it. */
  #announced = INITIAL_WINDOW;
  /** What the peer may send without an update, as far as we like it. */
  #firstLimit = 0;
  /** No update has followed its bytes yet. */
  #isFresh = false;
  /** What there is to say of the first window has not left yet. */
  #isFirstWaiting = false;
  /** Bytes whose credit has been returned, or is about to be. */
  #credited = 0;
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

  /** Bytes that the peer may send at once. */
  get window(): number {
    return this.#hasWindows ? this.#announced - this.received : Number.POSITIVE_INFINITY;
  }

  get roundTrip(): number | undefined {
    return this.#tuner?.roundTrip;
  }

  /** @throws ProtocolError `SMUX_ERR_FLOW_CONTROL` when the peer sends more than any window allowed */
  receive(payload: Uint8Array): void {
    if (this.#isEnded) return;
    const excess = this.received + payload.length - this.#announced;
    if (excess > 0 && this.#hasWindows) {
      const message = `stream ${this.#streamId} received ${excess} bytes more than its window allowed`;
      throw new ProtocolError('SMUX_ERR_FLOW_CONTROL', message);
    }
    this.received += payload.length;
    this.#tuner?.received(this.received, this.#host.budget.size);
    this.#host.budget.take(payload.length);
    this.#input$ ??= new CreditFeed(
      this.#wanted,
      (chunk) => this.#deliver(chunk),
      () => this.#finish(),
    );
    this.#input$.next(payload);
  }

  /** The stream exists on the wire from now on. A peer whose first flight would not find room is told so before it starts. */
  start(): void {
    if (!this.#hasWindows || this.#isEnded) return;
    const { options, budget, counters } = this.#host;
    const window = budget.opened();
    this.#isFresh = true;
    // A smaller window of our own is told with the first bytes, as Go does: before, it would hold up answers to bytes not yet read.
    this.#firstLimit = options.maxStreamBuffer < window ? 0 : window;
    if (window === INITIAL_WINDOW) return;
    this.#isFirstWaiting = true;
    this.#queueUpdate({ consumed: (counters.consumed ?? 0) >>> 0, window }); // `>>> 0`: wraps at 2^32
  }

  /** The peer ended its direction, or the link failed: the consumer completes, or errors, behind the bytes that wait. */
  end(failure?: Failure): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#failure = failure;
    this.#settleFirst();
    if (this.#input$) this.#input$.complete();
    else this.#finish();
  }

  /** Drops what waits; the consumer completes, or errors. */
  discard(failure?: Failure): void {
    if (this.#isFinished) return;
    this.#host.budget.give(this.unread);
    this.#isEnded = true;
    this.#failure = failure;
    this.#settleFirst();
    this.#input$?.flow.unsubscribe();
    this.#finish();
  }

  /**
   * The bytes, as `limit$` allows; they stay unconsumed until `consume` is called for them.
   * @param limit$ bytes wanted in all since the subscription; may fall
   */
  chunks(limit$: Observable<number>): Observable<Uint8Array> {
    return new Observable((subscriber) => this.handTo(subscriber, limit$));
  }

  /** Makes it the consumer; without a limit, of bytes as fast as they arrive, each chunk consumed when `next` has returned. */
  handTo(subscriber: Subscriber<Uint8Array>, limit$?: Observable<number>): void {
    if (this.#isFinished) {
      this.#settle(subscriber);
      return;
    }
    if (this.#consumer) {
      subscriber.error(new StreamError('SMUX_ERR_STREAM_LOCKED', this.#streamId, 'somebody is reading it'));
      return;
    }
    const before = this.delivered;
    this.#consumer = subscriber;
    this.#isFlow = limit$ === undefined;
    subscriber.add(() => {
      this.#consumer = undefined;
      this.#want(this.delivered);
    });
    if (limit$) follow(subscriber, limit$, (limit) => this.#want(before + limit));
    else this.#want(Number.POSITIVE_INFINITY);
  }

  /** A consumer has finished with bytes that it was given: their credit returns. */
  consume(size: number): void {
    this.consumed += size;
    this.#host.budget.give(size);
    this.#returnCredit();
  }

  /** The last window update has been handed to the transport. */
  updateSent(): void {
    this.#isFirstWaiting = false;
    if (this.#isEnded) return;
    this.#updateSent$?.next();
    this.#returnCredit();
  }

  #want(limit: number): void {
    this.#wanted = limit;
    this.#input$?.limit$.next(limit);
  }

  get #hasWindows(): boolean {
    return this.#host.session.version === 2;
  }

  #deliver(chunk: Uint8Array): void {
    const isFlow = this.#isFlow; // another consumer may follow while this one takes the chunk
    this.delivered += chunk.length;
    this.#consumer?.next(chunk);
    if (isFlow) this.consume(chunk.length);
  }

  #returnCredit(): void {
    // Behind the peer's FIN nobody waits for credit, and no update is due before half of the first limit.
    const isDue = this.#hasWindows && !this.#isEnded && this.consumed >= this.#firstLimit / 2;
    if (!isDue || this.#isFirstWaiting || this.#credited === this.consumed) return;
    const updates = this.#updates(this.#credited);
    const size = this.consumed - this.#credited;
    this.#credited = this.consumed;
    updates.next(size);
  }

  /** @param before bytes that had been consumed when it was first called */
  #updates(before: number): Feed<number> {
    if (this.#consumed$) return this.#consumed$;
    const { options, counters, budget } = this.#host;
    const tuner = new WindowTuner(options.maxStreamBuffer);
    const window = () => budget.share(tuner.window, this.#streamId);
    this.#tuner = tuner;
    this.#consumed$ = new Feed();
    this.#updateSent$ = new Feed();
    this.#consumed$
      .pipe(
        windowUpdates({
          window,
          consumed: (counters.consumed ?? 0) + before,
          limit: this.#firstLimit - before,
          sent$: this.#updateSent$,
        }),
      )
      .subscribe((update) => {
        this.#settleFirst();
        tuner.announced(this.#announced);
        this.#announced = Math.max(this.#announced, this.consumed + update.window);
        this.#queueUpdate(update);
      });
    return this.#consumed$;
  }

  #queueUpdate(update: WindowUpdate): void {
    this.#host.outlet.queue({ version: 2, command: Command.UPD, streamId: this.#streamId, ...update });
  }

  #settleFirst(): void {
    if (this.#isFresh) this.#host.budget.settled();
    this.#isFresh = false;
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
