import { type Observable, type Observer, Subscriber } from 'rxjs';

/**
 * Subscribes on behalf of a subscriber, as an operator of RxJS does: the subscription ends with the subscriber even while a
 * synchronous source is running, and what a callback throws, or the source notifies of, errors the subscriber.
 */
export function follow<T>(
  subscriber: Subscriber<unknown>,
  source: Observable<T>,
  next: (value: T) => void,
  complete: () => void = ignore,
): void {
  if (subscriber.closed) return;
  // A Subscriber of its own: one that `subscribe` makes is known only when the source has run.
  const following = new Subscriber<T>(new Follower(subscriber, next, complete));
  subscriber.add(following);
  source.subscribe(following);
}

class Follower<T> implements Observer<T> {
  readonly #subscriber: Subscriber<unknown>;
  readonly #next: (value: T) => void;
  readonly #complete: () => void;

  constructor(subscriber: Subscriber<unknown>, next: (value: T) => void, complete: () => void) {
    this.#subscriber = subscriber;
    this.#next = next;
    this.#complete = complete;
  }

  next(value: T): void {
    try {
      this.#next(value);
    } catch (cause) {
      this.#subscriber.error(cause);
    }
  }

  error(cause: unknown): void {
    this.#subscriber.error(cause);
  }

  complete(): void {
    try {
      this.#complete();
    } catch (cause) {
      this.#subscriber.error(cause);
    }
  }
}

function ignore(): void {}
