import { concat, EMPTY, Observable, type ObservableInput, type Subscriber } from 'rxjs';
import { StreamError } from '../errors.js';
import { type StreamWriter } from '../outbound/StreamWriter.js';
import { type SmuxStream } from '../stream.js';
import { pullEach } from './pullEach.js';

/** Sends all that a source yields; see `SmuxStream.send`. */
export function send(
  stream: SmuxStream,
  writer: StreamWriter,
  source: ObservableInput<Uint8Array>,
  { preventClose = false }: { readonly preventClose?: boolean } = {},
): Observable<number> {
  return new Observable((subscriber) => {
    if (writer.isLocked) throw new StreamError('SMUX_ERR_STREAM_LOCKED', stream.id, 'somebody is sending on it');
    writer.isLocked = true;
    subscriber.add(() => {
      writer.isLocked = false;
    });
    // Bytes leave in the order in which they came: ours begin behind what was written before.
    const before = writer.sent + writer.bufferedAmount;
    let pulled = 0;
    let reported = 0;
    let isSourceEnded = false;
    let waiting: Subscriber<never> | undefined;

    // Completes when half of what may wait here has left. One at a time waits for it, every few chunks.
    const room$ = new Observable<never>((waiter) => {
      waiting = waiter;
      look();
    });
    const look = () => {
      if (writer.hasRoom(writer.portion / 2)) waiting?.complete();
    };
    const report = () => {
      const total = Math.min(pulled, writer.sent - before);
      if (total > reported) {
        reported = total;
        subscriber.next(total);
      }
      if (writer.failure) subscriber.error(writer.failure.cause);
      else if (isSourceEnded && writer.bufferedAmount === 0) subscriber.complete();
      else if (!isSourceEnded && writer.isEnded) {
        subscriber.error(new StreamError('SMUX_ERR_STREAM_CLOSED', stream.id, 'it was ended before the source was'));
      }
      look();
    };
    const push = (chunk: Uint8Array) => {
      pulled += chunk.length;
      stream.next(chunk);
      return writer.hasRoom() ? EMPTY : room$;
    };
    const pushAtOnce = (chunk: Uint8Array) => {
      push(chunk);
      return EMPTY;
    };
    // How large a part may be is asked each time: others may have taken the room meanwhile.
    const partsOf = function* (chunk: Uint8Array) {
      for (let at = 0, size = 0; at < chunk.length; at += size) {
        size = writer.portion;
        yield chunk.subarray(at, at + size);
      }
    };
    const pushInParts = (chunk: Uint8Array) =>
      chunk.length <= writer.portion && writer.hasRoom() ? push(chunk) : concat(room$, pullEach(partsOf(chunk), push));

    report();
    subscriber.add(writer.progress$.subscribe({ next: report, complete: report }));
    subscriber.add(writer.room$.subscribe(look));
    if (subscriber.closed) return;
    subscriber.add(
      pullEach(source, pushInParts, pushAtOnce, room$).subscribe({
        error: (cause: unknown) => {
          if (subscriber.closed) return;
          isSourceEnded = true;
          subscriber.error(cause);
          stream.error(cause);
        },
        complete: () => {
          isSourceEnded = true;
          if (!preventClose) stream.complete();
          report();
        },
      }),
    );
  });
}
