import { Duplex } from 'node:stream';
import { Observable, type Subscription } from 'rxjs';
import { type SmuxStream } from '../stream.js';

/**
 * A stream of a session as a Node `Duplex`, for `pipeline`, `http.request({ createConnection })`,
 * `http.Server.emit('connection', …)` and whatever else takes one. A chunk is consumed, and its credit returned, when Node asks for
 * the next; a write calls back when its bytes have been handed to the transport, and they belong to the stream. Ending the writable side half-closes;
 * destroying closes the stream, or aborts it where there is an error.
 */
export function toDuplex(stream: SmuxStream): Duplex {
  return new StreamDuplex(stream);
}

class StreamDuplex extends Duplex {
  readonly #stream: SmuxStream;
  #reading: Subscription | undefined;
  #sending: Subscription | undefined;
  #chunkConsumed: (() => void) | undefined;

  constructor(stream: SmuxStream) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
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
    this.#sending?.unsubscribe();
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

  #send(chunks: readonly Uint8Array[], callback: (error?: Error | null) => void): void {
    const views = chunks.map(({ buffer, byteOffset, length }) => new Uint8Array(buffer, byteOffset, length));
    this.#sending = this.#stream.send(views, { preventClose: true }).subscribe({ error: callback, complete: callback });
  }
}
