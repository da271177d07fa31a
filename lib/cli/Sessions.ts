import { BehaviorSubject, defer, filter, ignoreElements, map, merge, type Observable, take } from 'rxjs';
import { type Session } from '../session.js';

/** Bytes on the links so far, and what is alive now. */
export interface Totals {
  readonly sessions: number;
  readonly streams: number;
  readonly received: number;
  readonly sent: number;
}

/** The sessions that are alive, and what passed through those that were. */
export class Sessions {
  readonly #alive$ = new BehaviorSubject<readonly Session[]>([]);
  #turn = 0;
  #received = 0;
  #sent = 0;

  get totals(): Totals {
    const alive = this.#alive$.value;
    const sum = (of: (session: Session) => number) => alive.reduce((total, session) => total + of(session), 0);
    return {
      sessions: alive.length,
      streams: sum(({ streamCount }) => streamCount),
      received: this.#received + sum(({ stats }) => stats.received),
      sent: this.#sent + sum(({ stats }) => stats.sent),
    };
  }

  add(session: Session): void {
    this.#alive$.next([...this.#alive$.value, session]);
    session.closed$.subscribe(() => {
      this.#received += session.stats.received;
      this.#sent += session.stats.sent;
      this.#alive$.next(this.#alive$.value.filter((other) => other !== session));
    });
  }

  /** The session whose turn it is, as soon as there is one. */
  next(): Observable<Session> {
    return this.#alive$.pipe(
      map((alive) => alive.filter(({ isClosed }) => !isClosed)),
      filter((open) => open.length > 0),
      take(1),
      map((open) => open[this.#turn++ % open.length] as Session),
    );
  }

  /** Closes them all, in order; completes when they are gone. */
  close(): Observable<never> {
    return defer(() => {
      const alive = this.#alive$.value;
      for (const session of alive) session.close();
      return merge(...alive.map(({ closed$ }) => closed$)).pipe(ignoreElements());
    });
  }
}
