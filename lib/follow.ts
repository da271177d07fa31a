import { type Observable, Subscriber } from 'rxjs';

/**
 * Subscribes on behalf of a subscriber, as an operator of RxJS does: the subscription ends with the subscriber even while a
 * synchronous source is running, and what a callback throws, or the source notifies of, errors the subscriber. When the subscriber is
 * told of an error or the end, the source has been let go of, so that it may be subscribed to again.
 */
export function follow<T>(
  subscriber: Subscriber<unknown>,
  source: Observable<T>,
  next: (value: T) => void,
  complete: () => void = ignore,
): void {
  if (subscriber.closed) return;
  const follower = new Follower(subscriber, next, complete);
  subscriber.add(follower);
  source.subscribe(follower);
}

/** A Subscriber of its own: one that `subscribe` makes is known only when the source has run. */
class Follower<T> extends Subscriber<T> {
  readonly #subscriber: Subscriber<unknown>;
  readonly #next: (value: T) => void;
  readonly #complete: () => void;

  constructor(subscriber: Subscriber<unknown>, next: (value: T) => void, complete: () => void) {
    super();
    this.#subscriber = subscriber;
    this.#next = next;
    this.#complete = complete;
  }

  protected override _next(value: T): void {
    try {
      this.#next(value);
    } catch (cause) {
      this._error(cause);
    }
  }

  protected override _error(cause: unknown): void {
    this.unsubscribe();
    this.#subscriber.error(cause);
  }

  protected override _complete(): void {
    this.unsubscribe();
    try {
      this.#complete();
    } catch (cause) {
      this.#subscriber.error(cause);
    }
  }
}

function ignore(): void {}
