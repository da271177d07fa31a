import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { SmuxError, type SmuxStream } from 'rx-smux';
import { catchError, concat, defer, map, type Observable, of, reduce, scan, throwError } from 'rxjs';
import { type Checksum } from '../../../shared/Checksum';
import { type Delivery } from './Delivery';
import { type UploadFile } from './UploadFile';

/**
 * Sends a file, of which no more is in memory than the link takes at once, and then reads what the server says has arrived. Emits
 * how far it is; a file that cannot be read to its end is a result. Errors when the link is lost.
 */
export function sendFile(stream: SmuxStream, file: UploadFile): Observable<Delivery> {
  return defer(() => {
    const hash = sha256.create(); // `crypto.subtle` would want all of the file at once
    let size = 0;
    const bytes = file.stream().pipeThrough(
      noting((chunk) => {
        hash.update(chunk);
        size += chunk.length;
      }),
    );
    const here = (): Checksum => ({ size, sha256: bytesToHex(hash.digest()) });

    const sent$ = stream.send(bytes).pipe(
      map((sent) => ({ sent })),
      catchError((error: Error) => throwError(() => (error instanceof SmuxError ? error : unreadable(error)))),
    );
    const checksums$ = readAnswer(stream).pipe(map((there) => ({ checksums: { here: here(), there } })));
    return concat(of({ sent: 0 }), sent$, checksums$).pipe(
      catchError((error: Error) =>
        stream.session.isClosed ? throwError(() => error) : of({ failure: error.message }),
      ),
      scan((delivery, news) => ({ ...delivery, ...news }), { sent: 0 } as Delivery),
    );
  });
}

/** As `tap`, for web streams. */
function noting<T>(note: (chunk: T) => void): TransformStream<T, T> {
  return new TransformStream({
    transform(chunk, controller) {
      note(chunk);
      controller.enqueue(chunk);
    },
  });
}

/** What the browser says of a file that has gone since it was chosen is of little help. */
function unreadable(cause: Error): Error {
  return new Error(`the file cannot be read: ${cause.message}`, { cause });
}

function readAnswer(stream: SmuxStream): Observable<Checksum> {
  return stream.pipe(
    reduce((text, bytes) => text + new TextDecoder().decode(bytes), ''), // ASCII: a chunk may end anywhere
    map((json) => {
      if (json === '') throw new Error('the server has not said what has arrived');
      return JSON.parse(json);
    }),
  );
}
