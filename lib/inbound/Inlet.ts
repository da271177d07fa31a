import { Subject } from 'rxjs';

/** A Subject that hands its values to one receiver: what a subscription would do, without the memory of one. */
export class Inlet<T> extends Subject<T> {
  readonly #receiver: { receive(value: T): void };

  constructor(receiver: { receive(value: T): void }) {
    super();
    this.#receiver = receiver;
  }

  override next(value: T): void {
    if (!this.isStopped) this.#receiver.receive(value);
  }
}
