import { createHash } from 'node:crypto';
import { type SmuxStream } from 'rx-smux';
import { concatMap, defer, type Observable, reduce } from 'rxjs';
import { type Checksum } from '../shared/Checksum.js';
import { readAtPace } from '../shared/readAtPace.js';

/** Reads what is uploaded, keeps nothing of it, and answers with its checksum. */
export function takeFile(stream: SmuxStream, isSlow$: Observable<boolean>): Observable<unknown> {
  return defer(() => {
    const hash = createHash('sha256');
    return readAtPace(stream, isSlow$).pipe(
      reduce((size, chunk) => {
        hash.update(chunk);
        return size + chunk.length;
      }, 0),
      concatMap((size) => stream.send([encode({ size, sha256: hash.digest('hex') })])),
    );
  });
}

function encode(checksum: Checksum): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(checksum));
}
