import { type Transport } from 'rx-smux';
import { forkJoin, of, Subject, take, takeUntil, timer } from 'rxjs';
import { wrapTransport } from './wrapTransport.js';

/**
 * Makes a link within one machine as narrow as a real one: the next batch has to wait for the time that the last one takes. So
 * there is something to share, and weights show.
 */
export function limitRate(transport: Transport, bytesPerSecond: number): Transport {
  const drained$ = new Subject<void>();
  const destroyed$ = new Subject<void>();
  return wrapTransport(transport, {
    drained$,
    write(batch) {
      const size = batch.reduce((sum, { length }) => sum + length, 0);
      const isReady$ = transport.write(batch) ? of(undefined) : transport.drained$.pipe(take(1));
      forkJoin([timer((1000 * size) / bytesPerSecond), isReady$])
        .pipe(takeUntil(destroyed$))
        .subscribe(() => drained$.next());
      return false;
    },
    destroy() {
      destroyed$.next();
      transport.destroy();
    },
  });
}
