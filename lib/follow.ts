import { type Observable, type Observer, Subscriber } from 'rxjs';

/**
 * Subscribes on behalf of a subscriber, as an operator of RxJS does: the subscription ends with the subscriber even while a
 * synchronous source is running, and what a callback throws, or the source notifies of, errors the subscriber. The source has
 * been let go of by then, so that an error handler may subscribe to it again.
 */
export function follow<T>(
  subscriber: Subscriber<unknown>,
  source: Observable<T>,
  next: (value: T) => void,
  complete: () => void = ignore,
): void {
  if (subscriber.closed) return;
  // A Subscriber of its own: one that `subscribe` makes is known only when the source has run.
  const follower = new Follower(subscriber, next, complete);
  const following = new Subscriber<T>(follower);
  follower.following = following;
  subscriber.add(following);
  source.subscribe(following);
}

class Follower<T> implements Observer<T> {
  following: Subscriber<T> | undefined;
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
      this.error(cause);
    }
  }

  error(cause: unknown): void {
    this.following?.unsubscribe();
    this.#subscriber.error(cause);
  }

  complete(): void {
    try {
      this.#complete();
    } catch (cause) {
      this.error(cause);
    }
  }
}

function ignore(): void {}
