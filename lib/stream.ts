import { AsyncSubject, Observable, type ObservableInput, type SubjectLike, type Subscription, timer } from 'rxjs';
import { iterate } from './async/iterate.js';
import { send } from './async/send.js';
import { StreamError } from './errors.js';
import { consume } from './inbound/consume.js';
import { demand } from './inbound/demand.js';
import { Inlet } from './inbound/Inlet.js';
import { StreamReader } from './inbound/StreamReader.js';
import { assertWeight } from './options.js';
import { StreamWriter } from './outbound/StreamWriter.js';
import { type Failure, type StreamHost } from './session/StreamHost.js';
import { type Session } from './session.js';
import { Command, type Frame } from './wire/frame.js';

/** How a session or a stream ended; without a cause, in order. */
export interface Ending {
  readonly cause?: Error;
}

/** What has passed through a stream so far. */
export interface StreamStats {
  /** Bytes received, consumed of them, and waiting for a consumer. */
  readonly received: number;
  readonly consumed: number;
  readonly unread: number;
  /** Bytes handed to the transport, and waiting for that. */
  readonly sent: number;
  readonly bufferedAmount: number;
  /** Bytes that the peer would take at once; `Infinity` in version 1. */
  readonly credit: number;
  /** Bytes that the peer may send at once; `Infinity` in version 1. */
  readonly window: number;
  /** Milliseconds from end to end and back, as far as a peer that waited for credit has shown it. */
  readonly roundTrip: number | undefined;
}

/**
 * One logical byte channel of a session: an Observable of the bytes that the peer sends, and an Observer of those to send.
 *
 * Reading is unicast: one consumer at a time, another is notified of `SMUX_ERR_STREAM_LOCKED`. Without a consumer there is no
 * credit, so nothing is lost and the peer waits. Unsubscribing pauses; it does not close. Subscribing after the end replays it.
 */
export class SmuxStream extends Observable<Uint8Array> implements SubjectLike<Uint8Array> {
  /** ID on the wire: odd where the client opened the stream, even where the server did. */
  readonly id: number;
  readonly session: Session;
  /** @internal Where the frames of this stream arrive. */
  readonly inbound = new Inlet<SmuxStream>(this);
  readonly #host: StreamHost;
  readonly #reader: StreamReader;
  readonly #writer: StreamWriter;
  #weight: number;
  #hold: Subscription | undefined;
  #closed$: AsyncSubject<Ending> | undefined;
  #isPeerEnded = false;
  #isClosed = false;
  /** Over on the wire; bytes may still wait to be read. */
  #isSettled = false;
  #failure: Failure | undefined;

  /** @internal Streams come from `session.open()` and `session.streams$`. */
  constructor(id: number, weight: number, host: StreamHost) {
    super((subscriber) => this.#reader.handTo(subscriber));
    this.id = id;
    this.session = host.session;
    this.#weight = assertWeight(weight);
    this.#host = host;
    this.#reader = new StreamReader(id, host);
    this.#writer = new StreamWriter(this, host);
  }

  /** How the stream ended on the wire: emits once, replays, never errors. Bytes may still wait to be read then. */
  get closed$(): Observable<Ending> {
    this.#closed$ ??= new AsyncSubject();
    if (this.#isSettled) this.#tellEnding();
    return this.#closed$;
  }

  /** Share of the link while streams compete for it: from 1, the default, to 256. @throws RangeError for anything else */
  get weight(): number {
    return this.#weight;
  }

  set weight(weight: number) {
    this.#weight = assertWeight(weight);
  }

  get stats(): StreamStats {
    const { received, consumed, unread, window, roundTrip } = this.#reader;
    const { sent, bufferedAmount, credit } = this.#writer;
    return { received, consumed, unread, sent, bufferedAmount, credit, window, roundTrip };
  }

  /** Bytes written and not yet handed to the transport. */
  get bufferedAmount(): number {
    return this.#writer.bufferedAmount;
  }

  /**
   * Whether more bytes are welcome: `false` while 256 KiB or more wait, until half of them have left. Emits the state at once and
   * then its changes, completes when the sending direction has ended.
   */
  get writable$(): Observable<boolean> {
    return this.#writer.writable$;
  }

  /**
   * Reads with work of any kind for each chunk; a chunk is consumed, and its credit returned, when the inner Observable ends.
   *
   * ```text
   * bytes    --a--b--c--|
   * inner      ---|           of a; b waits for it when concurrency is 1
   * ```
   *
   * @param project what to do with a chunk; an error of it, thrown or notified, errors the result and pauses the stream
   * @param options.concurrency chunks in hand at once, 1 by default
   */
  consume<R>(
    project: (chunk: Uint8Array) => ObservableInput<R>,
    { concurrency = 1 }: { readonly concurrency?: number } = {},
  ): Observable<R> {
    return consume(this.#reader, project, concurrency);
  }

  /**
   * Reads exactly as many bytes as are granted, splitting chunks; completes when `credit$` has completed and all is delivered.
   *
   * ```text
   * credit$  4--------6--|
   * bytes    ---a--b---------      a: 6 bytes, b: 4 bytes
   * result   ---x-----(yz|)        x: 4 bytes of a; y: its other 2, z: the 4 of b
   * ```
   *
   * A chunk counts as consumed when the subscriber's `next` has returned.
   * @param credit$ grants, in bytes, which add up; a negative one or NaN errors with `RangeError`
   */
  demand(credit$: Observable<number>): Observable<Uint8Array> {
    return demand(this.#reader, credit$);
  }

  /** Pulls chunk after chunk. Locks at the first `next()`; a chunk is consumed at the following one. `break` leaves the rest. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return iterate(this.#reader);
  }

  /**
   * Sends bytes, as soon as turns and the peer's window allow; they belong to the session from now on. Ignored after the end of
   * this direction. Beyond `maxSendBuffer` the stream is aborted with `SMUX_ERR_SEND_BUFFER`.
   * @throws TypeError for anything that is no Uint8Array
   */
  next(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) throw new TypeError(`a stream takes Uint8Array, got ${describe(bytes)}`);
    if (this.#writer.next(bytes)) return;
    const message = `more than ${this.#host.options.maxSendBuffer} bytes of the session wait to be sent`;
    this.#abort(new StreamError('SMUX_ERR_SEND_BUFFER', this.id, message));
  }

  /** Half-close: FIN follows what was written; reading goes on. */
  complete(): void {
    this.#writer.complete();
  }

  /** Ends both directions: what was written is sent, then FIN; what was not read is dropped, and the reader completes. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reader.discard();
    if (!this.#isSettled) this.#writer.close();
  }

  /**
   * Ends both directions at once: what waits is dropped, FIN is sent, and the reader errors with `cause`. The protocol has no
   * reset, so the peer sees an ordinary end.
   */
  error(cause: unknown): void {
    this.#abort(cause);
  }

  /**
   * Sends all that a source yields, pulling from it only as fast as the stream takes it. Cold; one at a time, a second one errors
   * with `SMUX_ERR_STREAM_LOCKED`. An error of the source aborts the stream; unsubscribing stops at a chunk border, of chunks
   * larger than 256 KiB at a part of that size, and leaves it open. An Observable that is no stream of a session cannot be pulled:
   * it is sent as it emits, within `maxSendBuffer`.
   * @param source chunks: an iterable, an async iterable, a web stream, another stream
   * @param options.preventClose leaves the stream open behind the last byte; otherwise it is completed
   * @returns the running total of bytes handed to the transport; completes with the last of them
   */
  send(source: ObservableInput<Uint8Array>, options: { readonly preventClose?: boolean } = {}): Observable<number> {
    return send(this, this.#writer, source, options);
  }

  /** @internal The session closes: as `complete`, but FIN waits for nothing. */
  finish(): void {
    this.#writer.finish();
  }

  /** @internal The stream exists on the wire. `holdMs`: how long its frames wait for the peer's first bytes. */
  start(holdMs = 0): void {
    this.#reader.start();
    if (holdMs > 0) this.#hold = timer(holdMs).subscribe(() => this.#writer.start());
    else this.#writer.start();
  }

  /** @internal Counts a frame of this stream that the transport took. */
  frameSent(frame: Frame): void {
    if (frame.command === Command.PSH || frame.command === Command.FIN) this.#writer.frameSent(frame);
    else if (frame.command === Command.UPD) this.#reader.updateSent();
  }

  /** @internal Tells what `frameSent` has counted. */
  batchSent(): void {
    this.#writer.batchSent();
    if (this.#writer.isFinished && (this.#isPeerEnded || this.#isClosed)) this.#settle();
  }

  /** @internal The peer has not ended its direction, or bytes of ours have not left. */
  get isUnfinished(): boolean {
    return !this.#isPeerEnded || this.#writer.bufferedAmount > 0;
  }

  /** @internal The link is gone: readers get what has arrived, then the end or the cause. */
  linkEnded(cause: Error): void {
    if (this.isUnfinished) this.#failure ??= { cause };
    this.#reader.end({ cause });
    this.#writer.settle(cause);
    this.#settle();
  }

  /** @internal Takes a frame of the peer. */
  receive(frame: Frame): void {
    if (frame.command === Command.SYN) return;
    if (this.#hold && !this.#hold.closed) {
      this.#hold.unsubscribe();
      this.#writer.start(); // who sends more than SYN has seen the stream come into being
    }
    if (frame.command === Command.PSH) this.#reader.receive(frame.payload);
    else if (frame.command === Command.UPD) this.#writer.update(frame);
    else if (frame.command === Command.FIN) this.#peerEnded();
  }

  #peerEnded(): void {
    this.#isPeerEnded = true;
    this.#writer.peerEnded(); // first: what the reader's consumer does at the end should know of it
    this.#reader.end();
    if (this.#writer.hasSentFin) this.#settle();
  }

  #abort(cause: unknown): void {
    this.#isClosed = true;
    this.#reader.discard({ cause });
    if (this.#isSettled) return;
    this.#failure ??= { cause };
    this.#writer.abort(cause);
  }

  /** @internal Only the sending direction: what the peer sent before it ended its own stays readable. */
  writerFailed(cause: StreamError): void {
    if (this.#writer.bufferedAmount > 0) this.#failure ??= { cause };
    this.#writer.abort(cause);
  }

  #settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#hold?.unsubscribe();
    this.#writer.release();
    this.inbound.complete();
    this.#host.released(this);
    this.#tellEnding();
  }

  #tellEnding(): void {
    this.#closed$?.next(this.#failure ? { cause: asError(this.#failure.cause) } : {});
    this.#closed$?.complete();
  }
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value;
}
