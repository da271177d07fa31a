// A server under attack, as a process: default options, or those of its first argument; what it does with streams is the second.
// It listens on a second port too, where it echoes: for honest peers, which should notice nothing.
import { mergeMap, pipe, take, tap } from 'rxjs';
import { handleStreams } from '../../dist/lib/index.js';
import { listen } from '../../dist/lib/node/index.js';

const [options = '{}', service = 'echo'] = process.argv.slice(2);
const ends = {};
let sessions = 0;

const services = {
  echo: handleStreams((stream) => stream.send(stream)),
  // As many write it: every chunk goes back as it comes, whether or not the peer takes it.
  naiveEcho: tap((stream) => {
    const error = () => {};
    stream.subscribe({ next: (bytes) => stream.next(bytes), error, complete: () => stream.close() });
  }),
  source: handleStreams((stream) => stream.send(endless())),
  someSource: pipe(
    take(1000),
    handleStreams((stream) => stream.send(endless())),
  ),
  accept: tap(), // and nothing else: nobody reads
};

function* endless() {
  for (;;) yield new Uint8Array(4096);
}

const listening = (name) => ({
  host: '127.0.0.1',
  port: 0,
  listeningObserver: { next: ({ port }) => process.send({ [name]: port }) },
});

listen({ ...listening('honestPort') })
  .pipe(mergeMap((session) => session.streams$.pipe(services.echo)))
  .subscribe();

listen({ ...listening('port'), ...JSON.parse(options) })
  .pipe(
    mergeMap((session) => {
      sessions++;
      session.closed$.subscribe(({ cause }) => {
        sessions--;
        const how = cause?.code ?? 'orderly';
        ends[how] = (ends[how] ?? 0) + 1;
      });
      return service in services ? session.streams$.pipe(services[service]) : []; // else nobody accepts
    }),
  )
  .subscribe();

process.on('message', () => {
  const rss = process.memoryUsage.rss();
  const peak = Math.max(rss, process.resourceUsage().maxRSS * 1024);
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  process.send({ rss, peak, held: heapUsed + arrayBuffers, sessions, ends });
});
process.on('disconnect', () => process.exit());
