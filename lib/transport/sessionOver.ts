import { Observable } from 'rxjs';
import { type SmuxOptions } from '../options.js';
import { createSession, type Session } from '../session.js';
import { type Transport } from './Transport.js';

/**
 * A client's session over the link that `dial$` emits. Lives as long as the session: completes on an orderly close,
 * errors on failure, and unsubscribing destroys it, or gives up dialling.
 */
export function sessionOver(dial$: Observable<Transport>, options: SmuxOptions): Observable<Session> {
  return new Observable((subscriber) => {
    const dialling = dial$.subscribe({
      next: (transport) => {
        const session = createSession(transport, { ...options, role: 'client' });
        subscriber.add(() => session.destroy());
        subscriber.next(session);
        session.closed$.subscribe(({ cause }) => (cause ? subscriber.error(cause) : subscriber.complete()));
      },
      error: (cause: unknown) => subscriber.error(cause),
    });
    subscriber.add(dialling);
  });
}
