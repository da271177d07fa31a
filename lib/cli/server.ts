import {
  asapScheduler,
  concat,
  defer,
  finalize,
  ignoreElements,
  mergeMap,
  type Observable,
  observeOn,
  takeUntil,
  tap,
  throwError,
  using,
} from 'rxjs';
import { handleStreams } from '../handleStreams.js';
import { listenKcp } from '../kcp/index.js';
import { type ListeningAddress, listen } from '../node/listen.js';
import { type Session } from '../session.js';
import { formatAddress } from './address.js';
import { type Context } from './Context.js';
import { forwardStream } from './forwardStream.js';
import { messageOf } from './log.js';
import { type ServerOptions } from './options.js';
import { dial } from './sockets.js';

/**
 * `rx-smux server`: connects each stream of each session to the target. Completes after `stop$`, when the last stream has ended;
 * errors when it cannot listen; unsubscribing cuts everything off.
 */
export function server(options: ServerOptions, { log, sessions, stop$ }: Context): Observable<never> {
  return accepted$().pipe(
    takeUntil(stop$),
    mergeMap((session) => serve(session)),
  );

  function accepted$(): Observable<Session> {
    const { listen: address, smux, tls, kcp } = options;
    const common = {
      ...smux,
      listeningObserver: {
        next: (bound: ListeningAddress) => log.message(`listening on ${formatAddress(bound.address, bound.port)}`),
      },
      onConnectionError: (error: Error) => log.message(`a connection failed: ${messageOf(error)}`),
    };
    if (kcp && 'port' in address) return listenKcp({ ...common, ...address, ...kcp });
    return listen({ ...common, ...address, ...(tls && { tls }) });
  }

  function serve(session: Session): Observable<never> {
    const { remoteAddress, remotePort } = session.transport.info;
    const peer = formatAddress(remoteAddress, remotePort);
    sessions.add(session);
    log.message(`session from ${peer}`);
    const forwarding$ = session.streams$.pipe(
      takeUntil(stop$),
      handleStreams((stream) => forwardStream(stream, dial(options.target), peer, log)),
    );
    // The protocol cannot tell a client to open no more streams.
    const refusal$ = throwError(() => new Error('refused'));
    const refusing$ = stop$.pipe(
      observeOn(asapScheduler), // after `forwarding$` has let go of them
      mergeMap(() => session.streams$),
      handleStreams((stream) => forwardStream(stream, refusal$, peer, log)),
    );
    const closing$ = defer(() => {
      session.close();
      return session.closed$.pipe(
        tap(({ cause }) => log.message(`session from ${peer} ended${cause ? `: ${messageOf(cause)}` : ''}`)),
        ignoreElements(),
      );
    });
    return using(
      () => refusing$.subscribe(),
      () => concat(forwarding$, closing$),
    ).pipe(finalize(() => session.destroy()));
  }
}
