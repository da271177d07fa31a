import { type Socket } from 'node:net';
import {
  catchError,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  last,
  merge,
  mergeMap,
  type Observable,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { type SmuxStream } from '../stream.js';
import { type Log, messageOf } from './log.js';
import { relay } from './relay.js';

/**
 * Joins a stream to a socket, tells the log, and completes when it is over, one way or another.
 * @param peer whose stream it is, for the log
 */
export function forwardStream(
  stream: SmuxStream,
  socket$: Observable<Socket>,
  peer: string,
  log: Log,
): Observable<never> {
  const name = `stream ${stream.id} of ${peer}`;
  const ended = () => {
    const { received, sent } = stream.stats;
    log.detail(`${name} ended, ${received} bytes received, ${sent} sent`);
  };
  return socket$.pipe(
    tap(() => log.detail(`${name} opened`)),
    mergeMap((socket) => relay(stream, socket)),
    tap({ complete: ended }),
    catchError((error: unknown) => {
      log.detail(`${name}: ${messageOf(error)}`);
      return abandon(stream);
    }),
  );
}

/**
 * Ends a stream after a failure. The protocol has no reset, and a single FIN reads as an ordinary end. A second one says that nobody
 * reads either: a peer of our kind then resets its connection, instead of passing half an answer off as a whole one, or waiting for
 * credit. Both leave together, unless the first has to wait for credit itself; what arrives meanwhile is thrown away.
 */
function abandon(stream: SmuxStream): Observable<never> {
  return defer(() => {
    stream.complete();
    const { credit, bufferedAmount } = stream.stats;
    if (credit > 0 || bufferedAmount === 0) return EMPTY;
    const finSent$ = stream.writable$.pipe(last(null, true));
    return stream.pipe(
      ignoreElements(),
      takeUntil(merge(finSent$, timer(PATIENCE))),
      catchError(() => EMPTY),
    );
  }).pipe(finalize(() => stream.close()));
}

const PATIENCE = 10_000; // milliseconds
