import { type Duplex } from 'node:stream';
import { Observable, Subject } from 'rxjs';
import { type Transport, type TransportInfo } from '../transport/Transport.js';
import { TurnLimit } from './TurnLimit.js';

/** Makes any `stream.Duplex` of bytes the link of a session. The transport owns it from now on, errors included. */
export function duplexTransport(duplex: Duplex, info: TransportInfo = {}): Transport {
  const drained$ = new Subject<void>();
  let isFull = false;
  const drained = () => {
    if (!isFull || turn.isUsedUp || duplex.writableNeedDrain) return;
    isFull = false;
    drained$.next();
  };
  const turn = new TurnLimit(drained);
  duplex.on('drain', drained);
  // For good: an error that comes after the session has let go of the input must not end the process.
  duplex.on('error', () => undefined);

  const flushed$ = new Subject<never>();
  duplex.once('finish', () => flushed$.complete()).once('close', () => flushed$.complete());

  return {
    incoming$: new Observable((subscriber) => {
      const data = (chunk: Buffer) => subscriber.next(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      const end = () => subscriber.complete();
      const error = (cause: Error) => subscriber.error(cause);
      const close = () => subscriber.error(duplex.errored ?? new Error('the connection was closed before its end'));
      if (duplex.destroyed) return close();
      duplex.on('data', data).on('end', end).on('error', error).on('close', close);
      if (duplex.readableEnded) end();
      duplex.resume(); // it may have been paused before
      return () => {
        duplex.off('data', data).off('end', end).off('error', error).off('close', close);
      };
    }),
    drained$,
    flushed$,
    info,
    write(batch) {
      if (!duplex.writable) return false;
      // Corked, a batch leaves in one gathering write.
      duplex.cork();
      for (const bytes of batch) {
        isFull = !duplex.write(bytes);
        turn.take(bytes.length);
      }
      duplex.uncork();
      isFull ||= turn.isUsedUp;
      return !isFull;
    },
    pause: () => void duplex.pause(),
    resume: () => void duplex.resume(),
    close: () => void duplex.end(),
    destroy: () => void duplex.destroy(),
  };
}
