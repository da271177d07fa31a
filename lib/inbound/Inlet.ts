import { Observable, Subject, type Subscriber } from 'rxjs';

/** What an inlet hands its values to. */
export interface Receiver<T> {
  receive(value: T): void;
}

/** A Subject that hands its values to one receiver: what a subscription would do, without the memory of one. */
export class Inlet<T, R extends Receiver<T> = Receiver<T>> extends Subject<T> {
  #receiver: R | undefined;
  #ended: Subscriber<never> | undefined;

  constructor(receiver: R) {
    super();
    this.#receiver = receiver;
  }

  /** `undefined` after the end. */
  get receiver(): R | undefined {
    return this.#receiver;
  }

  /** Completes at the end; for one subscriber. */
  get ended$(): Observable<never> {
    return new Observable((subscriber) => {
      this.#ended = subscriber;
    });
  }

  override next(value: T): void {
    if (!this.isStopped) this.#receiver?.receive(value);
  }

  /**
   * Lets go of the receiver: a Map of V8 that has been outgrown keeps its last entries alive until the next full collection of
   * garbage. With a stream behind each of them, opening and closing streams took twice as long.
   */
  override complete(): void {
    super.complete();
    this.#ended?.complete();
    this.#receiver = this.#ended = undefined;
  }
}
