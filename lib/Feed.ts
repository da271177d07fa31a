import { Observable, type Subscriber } from 'rxjs';

/** The near end of a pipe with one subscriber: a Subject without its bookkeeping. What is fed to nobody is gone. */
export class Feed<T> extends Observable<T> {
  #subscriber: Subscriber<T> | undefined;

  constructor() {
    // No arrow function: it would need a context of its own for each feed, of which every stream has one.
    super(function (this: Observable<T>, subscriber) {
      (this as Feed<T>).#subscriber = subscriber;
    });
  }

  next(value: T): void {
    this.#subscriber?.next(value);
  }

  /** Lets go of the subscriber as well: a feed may be kept longer than what it fed. */
  complete(): void {
    const subscriber = this.#subscriber;
    this.#subscriber = undefined;
    subscriber?.complete();
  }
}
