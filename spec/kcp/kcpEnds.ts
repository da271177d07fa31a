import { mergeMap, Subject, type Subscription, takeUntil, tap } from 'rxjs';
import { onTestFinished } from 'vitest';
import { handleStreams } from '../../lib/index.js';
import {
  type ConnectKcpOptions,
  connectKcpAsync,
  type KcpSession,
  type ListenKcpOptions,
  listenKcp,
} from '../../lib/kcp/index.js';

export const KCP = { key: 'a secret', mode: 'fast3' } as const;
export const HOST = '127.0.0.1';

/** A server that echoes, with what it accepted and was told; gone when the test has finished. */
export async function kcpServer(options: Partial<ListenKcpOptions> = {}) {
  const accepted: KcpSession[] = [];
  const errors: Error[] = [];
  const stop$ = new Subject<void>();
  let isComplete = false;
  let listener: Subscription | undefined;
  const port = await new Promise<number>((resolve, reject) => {
    listener = listenKcp({
      ...KCP,
      host: HOST,
      port: 0,
      listeningObserver: { next: (address) => resolve(address.port ?? 0), complete: () => (isComplete = true) },
      onConnectionError: (error) => errors.push(error),
      ...options,
    })
      .pipe(
        takeUntil(stop$),
        tap((session) => accepted.push(session)),
        mergeMap((session) => session.streams$.pipe(handleStreams((stream) => stream.send(stream)))),
      )
      .subscribe({ error: reject });
  });
  onTestFinished(() => {
    listener?.unsubscribe();
    for (const session of accepted) session.destroy();
  });
  return { port, accepted, errors, stop: () => stop$.next(), isComplete: () => isComplete };
}

/** A session with a server, destroyed when the test has finished. */
export async function kcpClient(port: number, options: Partial<ConnectKcpOptions> = {}): Promise<KcpSession> {
  const session = await connectKcpAsync({ ...KCP, host: HOST, port, connectTimeout: 3000, ...options });
  onTestFinished(() => session.destroy());
  return session;
}
