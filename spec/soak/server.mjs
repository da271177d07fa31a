// The server of a soak test, as a process: echoes, and reports on itself once a second.
import { mergeMap } from 'rxjs';
import { handleStreams } from '../../dist/lib/index.js';
import { listen } from '../../dist/lib/node/index.js';
import { reportOn } from './report.mjs';

let sessions = 0;
const listeningObserver = { next: ({ port }) => process.send({ port }) };
listen({ host: '127.0.0.1', port: 0, keepAliveInterval: 1000, keepAliveTimeout: 3000, listeningObserver })
  .pipe(
    mergeMap((session) => {
      sessions++;
      session.closed$.subscribe(() => sessions--);
      return session.streams$.pipe(handleStreams((stream) => stream.send(stream)));
    }),
  )
  .subscribe();
reportOn(() => ({ sessions }));
