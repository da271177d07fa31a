import { type SmuxStream } from 'rx-smux';
import { ignoreElements, merge, type Observable, type Subject, takeUntil, tap, timer } from 'rxjs';
import { readAtPace } from '../../../shared/readAtPace';
import { type Kind } from '../../../shared/TrafficRequest';
import { type Delivery } from '../upload/Delivery';
import { sendFile } from '../upload/sendFile';
import { type UploadFile } from '../upload/UploadFile';

/** What the page does with a stream of each kind. Bytes that somebody sends are pulled as fast as the link takes them. */
export const drive: Record<Kind, (stream: SmuxStream, load: Load) => Observable<unknown>> = {
  bulk: (stream, { isSlow$ }) => readAtPace(stream, isSlow$),
  telemetry: (stream, { isSlow$ }) => readAtPace(stream, isSlow$),
  chat: (stream, { isSlow$ }) => merge(readAtPace(stream, isSlow$), talk(stream)),
  // It is the server that reads it, slowly or not.
  upload: (stream, { file, delivery$ }) => sendFile(stream, file).pipe(tap((delivery) => delivery$.next(delivery))),
};

/** What a stream has to do with besides its bytes. */
interface Load {
  readonly isSlow$: Observable<boolean>;
  readonly file: UploadFile;
  readonly delivery$: Subject<Delivery>;
}

function talk(stream: SmuxStream): Observable<never> {
  return timer(0, CHAT_INTERVAL).pipe(
    tap((count) => stream.next(new TextEncoder().encode(`message ${count}`))),
    takeUntil(stream.closed$),
    ignoreElements(),
  );
}

const CHAT_INTERVAL = 250;
