import { type SmuxStream } from 'rx-smux';
import { dematerialize, ignoreElements, materialize, type Observable, startWith, switchMap, timer } from 'rxjs';

/**
 * Reads a stream; while it shall be slow, one chunk a second. Nothing else is needed to hold up its sender: a chunk that is not
 * consumed returns no credit.
 */
export function readAtPace(stream: SmuxStream, isSlow$: Observable<boolean>): Observable<Uint8Array> {
  const crawl$ = stream.consume((chunk) => timer(SECOND).pipe(ignoreElements(), startWith(chunk)));
  return isSlow$.pipe(
    switchMap((isSlow) => (isSlow ? crawl$ : stream).pipe(materialize())),
    dematerialize(), // so that the end of the stream is the end of it all
  );
}

const SECOND = 1000;
