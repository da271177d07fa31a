import { type Transport } from 'rx-smux';

/** A transport that does as another one, but for what is said. */
export function wrapTransport(transport: Transport, changes: Partial<Transport>): Transport {
  return {
    incoming$: transport.incoming$,
    drained$: transport.drained$,
    info: transport.info,
    ...(transport.flushed$ ? { flushed$: transport.flushed$ } : {}),
    write: (batch) => transport.write(batch),
    pause: () => transport.pause(),
    resume: () => transport.resume(),
    close: () => transport.close(),
    destroy: () => transport.destroy(),
    ...changes,
  };
}
