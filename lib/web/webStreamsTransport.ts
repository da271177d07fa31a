import { Observable, Subject, type Subscriber } from 'rxjs';
import { ProtocolError } from '../errors.js';
import { type Transport } from '../transport/Transport.js';
import { joinBatch } from './joinBatch.js';

/** The two directions of a byte channel, as web streams. */
export interface WebStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * Makes a pair of web streams the link of a session: a `WebTransportBidirectionalStream`, a connection of Deno, one end
 * of two `TransformStream`s. The transport locks both and owns them from now on. Back-pressure goes both ways, so that
 * in version 1 too nothing arrives that is not wanted. What is between the two ends must not wait for more before it
 * passes bytes on, as a `CompressionStream` does: for those see `toWebStreams`.
 * @throws TypeError if one of them is locked
 */
export function webStreamsTransport({ readable, writable }: WebStreams): Transport {
  return new WebStreamsTransport(readable.getReader(), writable.getWriter());
}

class WebStreamsTransport implements Transport {
  readonly info = {};
  readonly drained$ = new Subject<void>();
  readonly flushed$ = new Subject<never>();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #subscriber: Subscriber<Uint8Array> | undefined;
  #isReading = false;
  #isPaused = false;
  #isClosed = false;

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>, writer: WritableStreamDefaultWriter<Uint8Array>) {
    this.#reader = reader;
    this.#writer = writer;
    // Who reads learns of it, and a rejection that nobody handles would end a process.
    reader.closed.catch(ignore);
    writer.closed.catch(ignore);
  }

  readonly incoming$ = new Observable<Uint8Array>((subscriber) => {
    this.#subscriber = subscriber;
    this.#writer.closed.catch((cause: unknown) => subscriber.error(cause));
    this.#read();
  });

  write(batch: readonly Uint8Array[]): boolean {
    if (this.#isClosed) return false;
    this.#writer.write(joinBatch(batch)).catch(ignore); // `closed` rejects as well
    if (Number(this.#writer.desiredSize) > 0) return true; // null where it has failed
    this.#writer.ready.then(() => this.drained$.next(), ignore);
    return false;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#read();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const flushed = () => this.flushed$.complete();
    this.#writer.close().then(flushed, flushed);
  }

  destroy(): void {
    this.#isClosed = true;
    this.#reader.cancel().catch(ignore);
    this.#writer.abort().catch(ignore);
  }

  #read(): void {
    const subscriber = this.#subscriber;
    if (!subscriber || subscriber.closed || this.#isReading || this.#isPaused) return;
    this.#isReading = true;
    const took = ({ done, value }: ReadableStreamReadResult<Uint8Array>) => {
      this.#isReading = false;
      if (done) return subscriber.complete();
      if (!(value instanceof Uint8Array)) return subscriber.error(notBytes(value));
      subscriber.next(value);
      this.#read();
    };
    this.#reader.read().then(took, (cause: unknown) => subscriber.error(cause));
  }
}

function notBytes(value: unknown): ProtocolError {
  return new ProtocolError('SMUX_ERR_MESSAGE', `the link brought a chunk that is not a Uint8Array: ${typeof value}`);
}

function ignore(): void {}
