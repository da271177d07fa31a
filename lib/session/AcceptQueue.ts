import { Observable, Subject } from 'rxjs';
import { SessionError } from '../errors.js';
import { Fifo } from '../queue/Fifo.js';
import { type SmuxStream } from '../stream.js';

/** The streams that the peer has opened, until a subscriber takes them: each is delivered once. */
export class AcceptQueue {
  readonly #waiting = new Fifo<SmuxStream>();
  readonly #taker$ = new Subject<SmuxStream>();
  #isEnded = false;

  /** One subscriber at a time, another is notified of `SMUX_ERR_STREAMS_LOCKED`. Completes with the session. */
  readonly streams$ = new Observable<SmuxStream>((subscriber) => {
    if (this.#taker$.observed) {
      throw new SessionError('SMUX_ERR_STREAMS_LOCKED', 'streams$ has a subscriber already');
    }
    this.#taker$.subscribe(subscriber);
    this.#handOver();
  });

  /** Nobody takes streams, and as many wait as may. */
  isFull(size: number): boolean {
    return !this.#taker$.observed && this.#waiting.size >= size;
  }

  push(stream: SmuxStream): void {
    this.#waiting.push(stream);
    this.#handOver();
  }

  /** The streams that nobody has taken, which nobody will. */
  *drain(): Generator<SmuxStream, void, undefined> {
    for (let stream = this.#waiting.shift(); stream; stream = this.#waiting.shift()) yield stream;
  }

  /** No more streams will come. Those that wait may still be taken. */
  end(): void {
    this.#isEnded = true;
    this.#handOver();
  }

  /** Looks anew each time: inside `next` a subscriber may leave, another one come, and so may streams and the end. */
  #handOver(): void {
    while (this.#taker$.observed && this.#waiting.size > 0) this.#taker$.next(this.#waiting.shift() as SmuxStream);
    if (this.#isEnded && this.#waiting.size === 0) this.#taker$.complete();
  }
}
