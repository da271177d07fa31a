import { asapScheduler, Observable, type Subscriber } from 'rxjs';
import { SessionError } from '../errors.js';
import { ByteQueue } from '../queue/ByteQueue.js';

/** What the transport of a link that cannot be paused may be told. */
export interface PushedInputOptions {
  /**
   * Bytes that are held when they arrive while the session does not read; beyond it the session ends with
   * `SMUX_ERR_RECEIVE_BUFFER`. In version 2 windows keep the peer from ever filling it, in version 1 nothing does.
   * @defaultValue `16777216`
   */
  readonly maxPausedBuffer?: number;
}

/**
 * The input of a link that brings messages whether they are wanted or not.
 *
 * ```text
 * messages  --a--b--c--d------      paused from b to e
 * incoming$ --a-------------(bcd)   behind `resume`, never from inside it
 * ```
 */
export class PushedInput {
  readonly #held = new ByteQueue();
  readonly #limit: number;
  #subscriber: Subscriber<Uint8Array> | undefined;
  #isPaused = false;
  #ending: { readonly cause?: unknown } | undefined;

  constructor({ maxPausedBuffer = 16 * 1024 * 1024 }: PushedInputOptions) {
    this.#limit = maxPausedBuffer;
  }

  /** What has arrived before the subscription is held as well. */
  readonly incoming$ = new Observable<Uint8Array>((subscriber) => {
    this.#subscriber = subscriber;
    subscriber.add(() => {
      this.#subscriber = undefined;
    });
    this.#deliverSoon();
  });

  push(chunk: Uint8Array): void {
    if (this.#ending) return;
    if (this.#subscriber && !this.#isPaused && this.#held.size === 0) {
      this.#subscriber.next(chunk);
      return;
    }
    this.#held.push(chunk);
    if (this.#held.size <= this.#limit) return;
    const message = `more than ${this.#limit} bytes arrived while the session was not reading`;
    this.end({ cause: new SessionError('SMUX_ERR_RECEIVE_BUFFER', message) });
  }

  /** Nothing more will come: what is held goes out, paused or not, then the end. */
  end(ending: { readonly cause?: unknown } = {}): void {
    this.#ending ??= ending;
    this.#deliver();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#deliverSoon();
  }

  #deliverSoon(): void {
    if (this.#held.size > 0 || this.#ending) asapScheduler.schedule(() => this.#deliver());
  }

  #deliver(): void {
    while (this.#subscriber && (this.#ending || !this.#isPaused)) {
      const chunk = this.#held.shift(Number.POSITIVE_INFINITY);
      if (chunk) {
        this.#subscriber.next(chunk);
        continue;
      }
      if (this.#ending && 'cause' in this.#ending) this.#subscriber.error(this.#ending.cause);
      else if (this.#ending) this.#subscriber.complete();
      return;
    }
  }
}
