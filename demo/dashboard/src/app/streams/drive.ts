import { type SmuxStream } from 'rx-smux';
import { ignoreElements, merge, type Observable, takeUntil, tap, timer } from 'rxjs';
import { readAtPace } from '../../../shared/readAtPace';
import { type Kind } from '../../../shared/TrafficRequest';

/** What the page does with a stream of each kind. Bytes that somebody sends are pulled as fast as the link takes them. */
export const drive: Record<Kind, (stream: SmuxStream, isSlow$: Observable<boolean>) => Observable<unknown>> = {
  bulk: readAtPace,
  telemetry: readAtPace,
  chat: (stream, isSlow$) => merge(readAtPace(stream, isSlow$), talk(stream)),
  upload: (stream) => stream.send(file()), // it is the server that reads it, slowly or not
};

function talk(stream: SmuxStream): Observable<never> {
  return timer(0, CHAT_INTERVAL).pipe(
    tap((count) => stream.next(new TextEncoder().encode(`message ${count}`))),
    takeUntil(stream.closed$),
    ignoreElements(),
  );
}

function* file(): Generator<Uint8Array> {
  for (let size = 0; size < FILE_SIZE; size += CHUNK_SIZE) yield new Uint8Array(CHUNK_SIZE);
}

const CHAT_INTERVAL = 250;
const CHUNK_SIZE = 32 * 1024;
/** Bytes: a minute or more. */
const FILE_SIZE = 8192 * CHUNK_SIZE;
