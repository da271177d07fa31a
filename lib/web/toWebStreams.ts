import { lastValueFrom } from 'rxjs';
import { type SmuxStream } from '../stream.js';
import { type WebStreams } from './webStreamsTransport.js';

/**
 * A stream of a session as web streams, for `pipeTo`, `pipeThrough`, `Response` and whatever else takes them.
 *
 * Reading: a chunk is consumed, and its credit returned, when the next one is asked for; nothing is read ahead.
 * Cancelling leaves the rest unread, and closes the stream once the writable is closed too. Writing: a write is done
 * when its bytes have been handed to the transport, and they belong to the stream until then; closing half-closes,
 * aborting aborts the stream.
 */
export function toWebStreams(stream: SmuxStream): WebStreams {
  const chunks = stream[Symbol.asyncIterator]();
  let isCancelled = false;
  let isEnded = false;
  const closeIfDone = () => {
    if (isCancelled && isEnded) stream.close();
  };
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
      isCancelled = true;
      closeIfDone();
    },
  };
  const sink: UnderlyingSink<Uint8Array> = {
    start(controller) {
      stream.closed$.subscribe(({ cause }) => cause && controller.error(cause));
    },
    async write(chunk) {
      await lastValueFrom(stream.send([chunk], { preventClose: true }), { defaultValue: 0 });
    },
    close() {
      stream.complete();
      isEnded = true;
      closeIfDone();
    },
    abort: (reason) => stream.error(reason),
  };
  return { readable: new ReadableStream(source, { highWaterMark: 0 }), writable: new WritableStream(sink) };
}
