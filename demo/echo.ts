// An echo server and its client: node dist/demo/echo.js [text ...]

import { handleStreams, type Session } from 'rx-smux';
import { connect, type ListeningAddress, listen } from 'rx-smux/node';
import {
  finalize,
  from,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  ReplaySubject,
  take,
  toArray,
} from 'rxjs';

const texts = process.argv.length > 2 ? process.argv.slice(2) : ['one', 'stream', 'for', 'each', 'word'];
const host = '127.0.0.1';

// The server: sends every stream what it says itself, no faster than it listens.
const listening$ = new ReplaySubject<ListeningAddress>(1);
const serving = listen({ host, port: 0, listeningObserver: listening$ })
  .pipe(mergeMap((session) => session.streams$.pipe(handleStreams((stream) => stream.send(stream)))))
  .subscribe();

// The client: all texts at once, each through a stream of its own, over one connection.
listening$
  .pipe(
    take(1),
    mergeMap(({ port = 0 }) => connect({ host, port })),
    mergeMap((session) =>
      from(texts).pipe(
        mergeMap((text) => ask(session, text)),
        finalize(() => session.close()),
      ),
    ),
    finalize(() => serving.unsubscribe()),
  )
  .subscribe(console.log);

/** Sends a text, then the end, and emits what comes back until the end. */
function ask(session: Session, text: string): Observable<string> {
  const stream = session.open();
  const sending$ = stream.send([Buffer.from(text)]).pipe(ignoreElements());
  const answer$ = stream.pipe(
    toArray(),
    map((chunks) => `stream ${stream.id}: ${Buffer.concat(chunks)}`),
  );
  return merge(sending$, answer$);
}
