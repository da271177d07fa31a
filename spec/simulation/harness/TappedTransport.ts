import { type Observable, tap } from 'rxjs';
import { type Transport } from '../../../lib/transport/Transport.js';
import { type Judge } from './Judge.js';

/** Who listens at a tap. */
export interface Listener {
  /** A batch, and right after it what the session wrote. */
  batch(): void;
  sent(bytes: Uint8Array): void;
  /** Before the session sees it. */
  received(bytes: Uint8Array): void;
}

/** A transport with a listener on the line, which also sees to it that the session keeps to the rules of transports. */
export class TappedTransport implements Transport {
  readonly incoming$: Observable<Uint8Array>;
  readonly drained$: Observable<void>;
  readonly flushed$?: Observable<never>;
  readonly info = {};
  isPaused = false;
  /** It has said that it takes no more, and not that it does again. */
  isFull = false;
  isClosed = false;
  isDestroyed = false;
  /** Chunks that came in spite of a pause, and the largest chunk: what a session cannot help holding, in bytes. */
  surplus = 0;
  readonly #transport: Transport;
  readonly #listener: Listener;
  readonly #judge: Judge;
  #isSubscribed = false;

  constructor(transport: Transport, listener: Listener, judge: Judge) {
    this.#transport = transport;
    this.#listener = listener;
    this.#judge = judge;
    if (transport.flushed$) this.flushed$ = transport.flushed$;
    let largest = 0;
    this.incoming$ = transport.incoming$.pipe(
      tap({
        subscribe: () => {
          if (this.#isSubscribed) this.#judge.blame('transport', 'it was subscribed to twice');
          this.#isSubscribed = true;
        },
      }),
      tap((chunk) => {
        if (this.isPaused) this.surplus += chunk.length;
        if (chunk.length > largest) {
          this.surplus += chunk.length - largest;
          largest = chunk.length;
        }
        listener.received(chunk);
      }),
    );
    this.drained$ = transport.drained$.pipe(
      tap(() => {
        this.isFull = false;
      }),
    );
  }

  write(batch: readonly Uint8Array[]): boolean {
    if (this.isClosed || this.isDestroyed) this.#judge.blame('transport', 'written to after its end');
    if (this.isFull) this.#judge.blame('transport', 'written to while it was full');
    this.#listener.batch();
    for (const bytes of batch) this.#listener.sent(bytes);
    const hasRoom = this.#transport.write(batch);
    this.isFull = !hasRoom;
    return hasRoom;
  }

  pause(): void {
    this.isPaused = true;
    this.#transport.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.#transport.resume();
  }

  close(): void {
    if (this.isClosed) this.#judge.blame('transport', 'closed twice');
    this.isClosed = true;
    this.#transport.close();
  }

  destroy(): void {
    if (this.isDestroyed) this.#judge.blame('transport', 'destroyed twice');
    this.isDestroyed = true;
    this.#transport.destroy();
  }
}
