import { signal } from '@angular/core';
import { type Session, type SmuxStream } from 'rx-smux';
import { BehaviorSubject, interval, map, NEVER, pairwise, Subscription, startWith, switchMap } from 'rxjs';

/** A stream on which the server sends without end. */
export class Download {
  readonly stream: SmuxStream;
  /** What the server sends, in MB a second, while it is read. */
  readonly pace: number;
  /** Bytes that were read in all, that wait to be read, and that are read a second. */
  readonly consumed = signal(0);
  readonly unread = signal(0);
  readonly rate = signal(0);
  readonly isReading = signal(true);
  readonly #reading$ = new BehaviorSubject(true);
  readonly #running = new Subscription();

  constructor(session: Session, pace: number) {
    this.pace = pace;
    this.stream = session.open();
    this.stream.next(Uint8Array.of(pace)); // which is how the server is asked
    // Whoever does not subscribe does not read: the window fills, and the server stops.
    this.#running.add(
      this.#reading$.pipe(switchMap((isReading) => (isReading ? this.stream : NEVER))).subscribe({ error: () => {} }),
    );
    const consumed$ = interval(SECOND).pipe(map(() => this.stream.stats));
    this.#running.add(
      consumed$.pipe(startWith(this.stream.stats), pairwise()).subscribe(([before, { consumed, unread }]) => {
        this.consumed.set(consumed);
        this.unread.set(unread);
        this.rate.set(consumed - before.consumed);
      }),
    );
    this.#running.add(this.stream.closed$.subscribe(() => this.#running.unsubscribe()));
  }

  toggle(): void {
    this.isReading.update((isReading) => !isReading);
    this.#reading$.next(this.isReading());
  }

  close(): void {
    this.#running.unsubscribe();
    this.stream.close();
  }
}

const SECOND = 1000;
