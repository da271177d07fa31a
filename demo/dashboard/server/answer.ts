import { type SmuxStream } from 'rx-smux';
import { endWith, filter, ignoreElements, interval, map, type Observable, takeUntil, tap, withLatestFrom } from 'rxjs';
import { type Kind } from '../shared/TrafficRequest.js';
import { takeFile } from './takeFile.js';

/** What the server does with a stream of each kind; completes when that is done. */
export const answer: Record<Kind, (stream: SmuxStream, isSlow$: Observable<boolean>) => Observable<unknown>> = {
  bulk: (stream) => stream.send(endless()).pipe(takeUntil(endOf(stream))),
  chat: (stream) => stream.send(stream),
  telemetry: (stream) => telemetry(stream).pipe(takeUntil(endOf(stream))),
  upload: takeFile,
};

/** Ten readings a second; those that nobody takes are left out. */
function telemetry(stream: SmuxStream): Observable<unknown> {
  return interval(TELEMETRY_INTERVAL).pipe(
    withLatestFrom(stream.writable$),
    filter(([, isWritable]) => isWritable),
    map(([count]) =>
      JSON.stringify({ count, temperature: 20 + 5 * Math.sin(count / 20), heap: process.memoryUsage() }),
    ),
    tap((reading) => stream.next(new TextEncoder().encode(reading))),
  );
}

/** The protocol knows no reset: that the page has ended the stream is seen where its bytes end. */
function endOf(stream: SmuxStream): Observable<unknown> {
  return stream.pipe(ignoreElements(), endWith(undefined));
}

function* endless(): Generator<Uint8Array> {
  for (;;) yield CHUNK;
}

const CHUNK = new Uint8Array(32 * 1024);
const TELEMETRY_INTERVAL = 100;
