import { type Socket } from 'node:net';
import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  fromEvent,
  merge,
  mergeMap,
  type Observable,
  of,
  range,
  takeUntil,
  throwError,
  timeout,
  using,
} from 'rxjs';
import { handleStreams } from '../handleStreams.js';
import { type Session } from '../session.js';
import { type SmuxStream } from '../stream.js';
import { type Context } from './Context.js';
import { forwardStream } from './forwardStream.js';
import { keepConnected } from './keepConnected.js';
import { messageOf } from './log.js';
import { type ClientOptions } from './options.js';
import { reset } from './relay.js';
import { accept, peerOf } from './sockets.js';

/**
 * `rx-smux client`: forwards each accepted connection as a stream. Completes after `stop$`, when the last one has ended; errors when
 * it cannot listen; unsubscribing cuts everything off.
 */
export function client(options: ClientOptions, context: Context): Observable<never> {
  const { log, sessions, stop$ } = context;
  const { local, sessionCount } = options;
  let waitingCount = 0;
  const forwarding$ = accept(local, (address) => log.message(`listening on ${address}`)).pipe(
    takeUntil(stop$),
    mergeMap((socket) => forward(socket)),
  );
  const dialling$ = range(1, sessionCount).pipe(
    mergeMap((number) => keepConnected(options, sessionCount === 1 ? 'session' : `session ${number}`, context)),
  );
  return using(
    () => dialling$.subscribe(),
    () => concat(forwarding$, sessions.close()),
  );

  function forward(socket: Socket): Observable<never> {
    const peer = peerOf(socket);
    return sessionFor(socket).pipe(
      mergeMap((session) => of(open(session))),
      handleStreams((stream) => forwardStream(stream, of(socket), peer, log)),
      catchError((error: unknown) => {
        log.detail(`connection of ${peer}: ${messageOf(error)}`);
        reset(socket);
        return EMPTY;
      }),
      finalize(() => socket.destroy()),
    );
  }

  /** The session whose turn it is. Emits nothing when the connection has gone before there was one. */
  function sessionFor(socket: Socket): Observable<Session> {
    return defer(() => {
      if (waitingCount >= MAX_WAITING) throw new Error(`${MAX_WAITING} others wait for a session already`);
      waitingCount++;
      return sessions.next().pipe(
        timeout({ first: MAX_WAIT, with: () => throwError(() => new Error(`no session for ${MAX_WAIT} ms`)) }),
        takeUntil(merge(stop$, fromEvent(socket, 'close'))),
        finalize(() => waitingCount--),
      );
    });
  }
}

/** A session that has used up its stream IDs makes way for another one. */
function open(session: Session): SmuxStream {
  try {
    return session.open();
  } catch (cause) {
    session.close(); // its streams may end first
    throw cause;
  }
}

const MAX_WAIT = 10_000; // milliseconds
const MAX_WAITING = 1024;
