import { Observable } from 'rxjs';
import { type Session } from '../session.js';

/**
 * Sessions as `connect` of `rx-smux/node` hands them out: one a subscription; completes on an orderly close, errors on failure, and
 * unsubscribing destroys the session.
 */
export function connect(dial: () => Session): Observable<Session> {
  return new Observable((subscriber) => {
    const session = dial();
    subscriber.add(() => session.destroy());
    subscriber.next(session);
    session.closed$.subscribe(({ cause }) => (cause ? subscriber.error(cause) : subscriber.complete()));
  });
}
