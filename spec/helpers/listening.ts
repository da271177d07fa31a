import { type Observable, type Subscription, tap } from 'rxjs';
import { type Session } from '../../lib/index.js';
import { type ListenOptions, listen } from '../../lib/node/index.js';

/** A server that listens on a free port of the loopback, and what to do with each session. */
export function listening(
  options: Partial<ListenOptions>,
  serve: (sessions$: Observable<Session>) => Observable<unknown> = (sessions$) => sessions$,
): Promise<{ readonly port: number; readonly sessions: Session[]; readonly server: Subscription }> {
  return new Promise((resolve, reject) => {
    const sessions: Session[] = [];
    const listeningObserver = {
      next: ({ port = 0 }: { port?: number }) => setImmediate(() => resolve({ port, sessions, server })),
    };
    const sessions$ = listen({ host: '127.0.0.1', port: 0, listeningObserver, ...options });
    const server = serve(sessions$.pipe(tap((session) => sessions.push(session)))).subscribe({ error: reject });
  });
}
