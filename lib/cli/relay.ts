import { type Socket } from 'node:net';
import { asapScheduler, concat, defer, ignoreElements, merge, Observable, subscribeOn, takeUntil, tap } from 'rxjs';
import { type SmuxStream } from '../stream.js';

/**
 * Joins a stream and a socket until both directions have ended, each in its own time. Neither side is read faster than the other
 * takes it.
 *
 * ```text
 *           ┌── send ◄──── iterator ──┐
 *   stream ─┤                         ├─ socket
 *           └── consume ──► write ────┘
 * ```
 *
 * Errors with what went wrong on either side; the socket is then reset, as it is on unsubscribing. The stream is left to the caller.
 */
export function relay(stream: SmuxStream, socket: Socket): Observable<never> {
  const toStream$ = defer(() => stream.send(socket.iterator({ destroyOnReturn: false })));
  const toSocket$ = concat(
    stream.consume((chunk) => write(socket, chunk), { concurrency: WRITES_AT_ONCE }),
    // Behind the rest of the bytes that have just arrived: with them may come the news that the stream was aborted.
    end(socket).pipe(subscribeOn(asapScheduler)),
  );
  return merge(toStream$, toSocket$).pipe(
    ignoreElements(),
    // Sooner than the iterator throws it: `send` would abort the stream, and how it ends is for the caller to say.
    takeUntil(failureOf(socket)),
    tap({ complete: () => socket.destroy(), error: () => reset(socket), unsubscribe: () => reset(socket) }),
  );
}

/** Ends a connection at once, so that the other side cannot take it for an ordinary end. */
export function reset(socket: Socket): void {
  // A socket that is being shut down cannot be reset: the attempt would leave it open for good.
  const isShuttingDown = socket.writableEnded && !socket.writableFinished;
  try {
    if (!isShuttingDown && !socket.destroyed) socket.resetAndDestroy();
  } catch {
    // A Unix socket, which knows no reset.
  }
  socket.destroy();
}

/** Completes when the bytes have left this process. */
function write(socket: Socket, chunk: Uint8Array): Observable<never> {
  return new Observable((subscriber) => {
    socket.write(chunk, (error) => (error ? subscriber.error(error) : subscriber.complete()));
  });
}

function end(socket: Socket): Observable<never> {
  return new Observable((subscriber) => {
    socket.end(() => subscriber.complete());
  });
}

function failureOf(socket: Socket): Observable<never> {
  return new Observable((subscriber) => {
    const failed = (cause: Error) => subscriber.error(cause);
    if (socket.destroyed) return failed(socket.errored ?? new Error('the connection is closed'));
    socket.on('error', failed);
    return () => socket.off('error', failed);
  });
}

// While one waits for the network the next ones line up, and leave in one gathering write.
const WRITES_AT_ONCE = 8;
