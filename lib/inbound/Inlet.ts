import { Subject } from 'rxjs';

/** A Subject that hands its values to one function: what a subscription would do, without the memory of one. */
export class Inlet<T> extends Subject<T> {
  readonly #receive: (value: T) => void;

  constructor(receive: (value: T) => void) {
    super();
    this.#receive = receive;
  }

  override next(value: T): void {
    if (!this.isStopped) this.#receive(value);
  }
}
