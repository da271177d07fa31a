// A chat between two terminals: node dist/demo/chat.js listen 4000, node dist/demo/chat.js connect 4000; Ctrl-D says goodbye.

import { type Session } from 'rx-smux';
import { connect, listen } from 'rx-smux/node';
import { finalize, ignoreElements, merge, mergeMap, type Observable, take, tap } from 'rxjs';

const [role, portText] = process.argv.slice(2);
const address = { host: '127.0.0.1', port: Number(portText) };

if (!(role === 'listen' || role === 'connect') || !(address.port >= 0 && address.port <= 65535)) {
  console.error('usage: chat.js listen PORT | chat.js connect PORT');
  process.exit(2);
}

sessions()
  .pipe(mergeMap((session) => chat(session)))
  .subscribe({
    error: (error: Error) => {
      console.error(`* ${error.message}`);
      process.exit(1);
    },
    complete: () => console.error('* goodbye'),
  });

/** The one session of this chat. After it nobody else is let in, while `connect` has to stay subscribed for it to live. */
function sessions(): Observable<Session> {
  if (role === 'connect') return connect(address);
  const listeningObserver = { next: ({ port = 0 }) => console.error(`* listening on port ${port}`) };
  return listen({ ...address, listeningObserver }).pipe(take(1));
}

/** A stream for what we say, opened by us, and one for what they say, opened by them; over when both have ended. */
function chat(session: Session): Observable<never> {
  console.error('* connected');
  const saying$ = session.open().send(process.stdin);
  const hearing$ = session.streams$.pipe(
    take(1),
    mergeMap((stream) => stream),
    tap((bytes) => process.stdout.write(bytes)),
  );
  return merge(saying$, hearing$).pipe(
    ignoreElements(),
    finalize(() => session.close()),
  );
}
