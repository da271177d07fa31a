import { Observable, type Subscriber } from 'rxjs';

/** The near end of a pipe with one subscriber: a Subject without its bookkeeping. What is fed to nobody is gone. */
export class Feed<T> extends Observable<T> {
  #subscriber: Subscriber<T> | undefined;

  constructor() {
    super((subscriber) => {
      this.#subscriber = subscriber;
    });
  }

  next(value: T): void {
    this.#subscriber?.next(value);
  }

  complete(): void {
    this.#subscriber?.complete();
  }
}
