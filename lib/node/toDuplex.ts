import { Duplex } from 'node:stream';
import { filter, Observable, type Subscription, take } from 'rxjs';
import { type SmuxStream } from '../stream.js';

/**
 * A stream of a session as a Node `Duplex`, for `pipeline`, `http.request({ createConnection })`,
 * `http.Server.emit('connection', …)` and whatever else takes one. A chunk is consumed, and its credit returned, when Node asks for
 * the next; a write calls back when more is welcome, and its bytes belong to the stream. Ending the writable side half-closes;
 * destroying closes the stream, or aborts it where there is an error.
 */
export function toDuplex(stream: SmuxStream): Duplex {
  return new StreamDuplex(stream);
}

class StreamDuplex extends Duplex {
  readonly #stream: SmuxStream;
  readonly #running: Subscription;
  #reading: Subscription | undefined;
  #chunkConsumed: (() => void) | undefined;

  constructor(stream: SmuxStream) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
    this.#running = stream.closed$.subscribe(({ cause }) => {
      if (cause) this.destroy(cause);
    });
  }

  override _read(): void {
    this.#chunkConsumed?.();
    this.#reading ??= this.#stream
      .consume((chunk) => this.#push(chunk))
      .subscribe({
        error: (cause: Error) => this.destroy(cause),
        complete: () => void this.push(null),
      });
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#send([chunk], callback);
  }

  override _writev(chunks: readonly { chunk: Uint8Array }[], callback: (error?: Error | null) => void): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: () => void): void {
    this.#stream.complete();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#running.unsubscribe();
    this.#reading?.unsubscribe();
    if (error) this.#stream.error(error);
    else this.#stream.close();
    callback(error);
  }

  // What HTTP expects of a socket; the connection below belongs to the session.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  /** Completes when Node asks for more. */
  #push(chunk: Uint8Array): Observable<never> {
    return new Observable((subscriber) => {
      this.#chunkConsumed = () => subscriber.complete();
      this.push(chunk);
    });
  }

  #send(chunks: readonly Uint8Array[], callback: () => void): void {
    for (const { buffer, byteOffset, length } of chunks) this.#stream.next(new Uint8Array(buffer, byteOffset, length));
    this.#running.add(this.#stream.writable$.pipe(filter(Boolean), take(1)).subscribe({ complete: callback }));
  }
}
