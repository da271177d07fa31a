import { type Transport, type Version } from 'rx-smux';
import { decodeFrames, type Frame } from 'rx-smux/operators';
import { map, Subject, tap, timestamp } from 'rxjs';
import { wrapTransport } from '../../../shared/wrapTransport';

/** A frame on its way, from the page (`out`) or to it (`in`). */
export interface PassingFrame {
  readonly direction: 'in' | 'out';
  readonly frame: Frame;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** Looks on: tells of each frame that passes through a transport, and changes nothing. */
export function tapFrames(transport: Transport, version: Version, note: (passing: PassingFrame) => void): Transport {
  const decoder = (direction: PassingFrame['direction']) => {
    const chunk$ = new Subject<Uint8Array>();
    chunk$
      .pipe(
        decodeFrames(version),
        timestamp(),
        map(({ value: frame, timestamp }) => ({ direction, frame, timestamp })),
      )
      .subscribe({ next: note, error: () => undefined }); // the session will say what is wrong
    return chunk$;
  };
  const in$ = decoder('in');
  const out$ = decoder('out');
  return wrapTransport(transport, {
    incoming$: transport.incoming$.pipe(tap((chunk) => in$.next(chunk))),
    write(batch) {
      for (const chunk of batch) out$.next(chunk);
      return transport.write(batch);
    },
  });
}
