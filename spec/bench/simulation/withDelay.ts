import { type Transport } from 'rx-smux';
import { asyncScheduler, delayWhen, map, timer } from 'rxjs';

/** A transport whose input comes later, by a time that may change while it runs. Bytes never overtake each other. */
export function withDelay(transport: Transport, delay: () => number): Transport {
  let arrivesAt = 0;
  return {
    incoming$: transport.incoming$.pipe(
      map((chunk) => {
        arrivesAt = Math.max(arrivesAt, asyncScheduler.now() + delay());
        return { chunk, arrivesAt };
      }),
      delayWhen((arrival) => timer(arrival.arrivesAt - asyncScheduler.now())),
      map(({ chunk }) => chunk),
    ),
    drained$: transport.drained$,
    info: transport.info,
    write: (batch) => transport.write(batch),
    pause: () => transport.pause(),
    resume: () => transport.resume(),
    close: () => transport.close(),
    destroy: () => transport.destroy(),
  };
}
