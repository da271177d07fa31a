import { Observable, type Subscriber } from 'rxjs';
import { SessionError } from '../errors.js';
import { Fifo } from '../queue/Fifo.js';
import { type SmuxStream } from '../stream.js';

/** The streams that the peer has opened, until a subscriber takes them: each is delivered once. */
export class AcceptQueue {
  readonly #waiting = new Fifo<SmuxStream>();
  readonly #size: number;
  #subscriber: Subscriber<SmuxStream> | undefined;
  /** Those that wait go first. */
  #isHandingOver = false;
  #isEnded = false;

  /** @param size streams that may wait */
  constructor(size: number) {
    this.#size = size;
  }

  /** One subscriber at a time, another is notified of `SMUX_ERR_STREAMS_LOCKED`. Completes with the session. */
  readonly streams$: Observable<SmuxStream> = new Observable((subscriber) => {
    if (this.#subscriber) {
      return subscriber.error(new SessionError('SMUX_ERR_STREAMS_LOCKED', 'streams$ has a subscriber already'));
    }
    this.#subscriber = subscriber;
    subscriber.add(() => {
      this.#subscriber = undefined;
    });
    this.#isHandingOver = true;
    for (let stream = this.#waiting.shift(); stream; stream = subscriber.closed ? undefined : this.#waiting.shift()) {
      subscriber.next(stream);
    }
    this.#isHandingOver = false;
    if (this.#isEnded) subscriber.complete();
  });

  get isFull(): boolean {
    return this.#subscriber === undefined && this.#waiting.size >= this.#size;
  }

  push(stream: SmuxStream): void {
    if (this.#subscriber && !this.#isHandingOver) this.#subscriber.next(stream);
    else this.#waiting.push(stream);
  }

  /** The streams that nobody has taken, which nobody will. */
  *drain(): Generator<SmuxStream, void, undefined> {
    for (let stream = this.#waiting.shift(); stream; stream = this.#waiting.shift()) yield stream;
  }

  /** No more streams will come. Those that wait may still be taken. */
  end(): void {
    this.#isEnded = true;
    if (!this.#isHandingOver) this.#subscriber?.complete();
  }
}
