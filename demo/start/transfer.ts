import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { Observable } from 'rxjs';
import { bytesOf, type DemoFile } from './files.js';

/** How far a transfer is. The last one carries the hash of what has arrived. */
export interface Progress {
  readonly file: DemoFile;
  readonly bytes: number;
  readonly hash?: string;
}

/** A connection of its own for each transfer: each becomes a stream. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Emits as bytes arrive. */
export function download(target: Target, file: DemoFile): Observable<Progress> {
  return new Observable((subscriber) => {
    const outgoing = request({ ...target, path: `/${file.name}`, agent: false }, (response) => {
      const hash = createHash('sha256');
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        bytes += chunk.length;
        subscriber.next({ file, bytes });
      });
      response.on('end', () => {
        subscriber.next({ file, bytes, hash: hash.digest('hex') });
        subscriber.complete();
      });
      response.on('error', (error) => subscriber.error(failure(file, error)));
    });
    outgoing.on('error', (error) => subscriber.error(failure(file, error))).end();
    return () => outgoing.destroy();
  });
}

/** Emits as bytes leave; the hash is the one that the server answers with. */
export function upload(target: Target, file: DemoFile): Observable<Progress> {
  return new Observable((subscriber) => {
    const options = { ...target, path: `/${file.name}`, method: 'PUT', headers: { 'content-length': file.size } };
    const outgoing = request({ ...options, agent: false }, (response: IncomingMessage) => {
      let hash = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        hash += text;
      });
      response.on('end', () => {
        subscriber.next({ file, bytes: file.size, hash });
        subscriber.complete();
      });
      response.on('error', (error) => subscriber.error(failure(file, error)));
    });
    outgoing.on('error', (error) => subscriber.error(failure(file, error)));
    Readable.from(counted(), { objectMode: false }).pipe(outgoing);
    return () => outgoing.destroy();

    function* counted() {
      let bytes = 0;
      for (const chunk of bytesOf(file)) {
        yield chunk;
        bytes += chunk.length;
        subscriber.next({ file, bytes });
      }
    }
  });
}

function failure({ name }: DemoFile, cause: Error): Error {
  return new Error(`${name} failed: ${cause.message}`, { cause });
}
