import { type Observable } from 'rxjs';
import { SessionError } from '../errors.js';
import { type ResolvedOptions } from '../options.js';
import { type Outlet } from '../outbound/Outlet.js';
import { SmuxStream, type StreamHost } from '../stream.js';
import { Command, type Frame, type Version } from '../wire/frame.js';
import { AcceptQueue } from './AcceptQueue.js';
import { RefusedIds } from './RefusedIds.js';
import { StreamIds } from './StreamIds.js';

/** The streams of a session that are not over on the wire: how they come, are found, and go. */
export class StreamTable {
  readonly #streams = new Map<number, SmuxStream>();
  /** Those that the peer opened. */
  readonly #accepted = new Set<number>();
  readonly #refused = new RefusedIds();
  readonly #queue: AcceptQueue;
  readonly #ids: StreamIds;
  readonly #options: ResolvedOptions;
  readonly #outlet: Outlet;
  readonly #host: StreamHost;
  readonly #emptied: () => void;
  #version: Version | undefined;
  #isClosing = false;
  #openedCount = 0;
  #acceptedCount = 0;
  #refusedCount = 0;

  /** @param emptied called whenever the last stream has gone */
  constructor(host: Omit<StreamHost, 'released'>, firstId: number | undefined, emptied: () => void) {
    this.#options = host.options;
    this.#outlet = host.outlet;
    this.#host = { ...host, released: (stream) => this.#release(stream) };
    this.#ids = new StreamIds(host.options.role, firstId);
    this.#queue = new AcceptQueue(host.options.acceptBacklog);
    this.#emptied = emptied;
  }

  get streams$(): Observable<SmuxStream> {
    return this.#queue.streams$;
  }

  get size(): number {
    return this.#streams.size;
  }

  get counts(): { readonly opened: number; readonly accepted: number; readonly refused: number } {
    return { opened: this.#openedCount, accepted: this.#acceptedCount, refused: this.#refusedCount };
  }

  get(streamId: number): SmuxStream | undefined {
    return this.#streams.get(streamId);
  }

  /** The version is known: streams that were opened before go out. */
  start(version: Version): void {
    this.#version = version;
    for (const stream of this.#streams.values()) this.#announce(stream);
  }

  /** @throws SessionError `SMUX_ERR_STREAM_IDS` */
  open(weight: number): SmuxStream {
    const id = this.#ids.take((taken) => this.#streams.has(taken));
    if (id === undefined) {
      throw new SessionError('SMUX_ERR_STREAM_IDS', 'every stream ID of this session has been used');
    }
    const stream = new SmuxStream(this.#host, id, weight);
    this.#streams.set(id, stream);
    this.#openedCount++;
    this.#announce(stream);
    return stream;
  }

  /** Takes a frame's stream in or looks it up; false where there is none. A duplicate SYN is ignored, as Go does. */
  admit({ command, streamId }: Frame): boolean {
    const isKnown = this.#streams.has(streamId);
    if (command === Command.SYN) return !isKnown && this.#admitNew(streamId);
    if (!isKnown && command === Command.PSH && this.#refused.deservesAnswer(streamId)) this.#queueFin(streamId);
    return isKnown;
  }

  /** Hands a stream that the peer opened to whoever accepts streams. */
  deliver(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined || this.#version === undefined || !this.#accepted.has(streamId)) return;
    stream.start(this.#version, this.#options.holdFirstFrames);
    this.#queue.push(stream);
  }

  batchSent(batch: readonly Frame[]): void {
    this.#refused.flushed();
    const touched = new Set<SmuxStream>();
    for (const frame of batch) {
      const stream = this.#streams.get(frame.streamId);
      if (stream === undefined) continue;
      stream.frameSent(frame);
      touched.add(stream);
    }
    for (const stream of touched) stream.batchSent();
  }

  /** No more streams; those there are get FIN behind what was written, those that nobody has accepted are refused. */
  close(): void {
    this.#isClosing = true;
    for (const stream of this.#queue.drain()) stream.close();
    for (const stream of [...this.#streams.values()]) stream.complete();
  }

  /** The link is gone. */
  end(cause: Error): void {
    this.#isClosing = true;
    for (const stream of [...this.#streams.values()]) stream.linkEnded(cause);
    this.#queue.end();
  }

  #admitNew(streamId: number): boolean {
    if (this.#isClosing || this.#queue.isFull || this.#accepted.size >= this.#options.maxStreams) {
      this.#refusedCount++;
      this.#refused.add(streamId);
      // The second one says that nobody reads: a single FIN would only be a half-close.
      this.#queueFin(streamId);
      this.#queueFin(streamId);
      return false;
    }
    this.#streams.set(streamId, new SmuxStream(this.#host, streamId, 1));
    this.#accepted.add(streamId);
    this.#acceptedCount++;
    return true;
  }

  #announce(stream: SmuxStream): void {
    if (this.#version === undefined) return;
    this.#outlet.queue({ version: this.#version, command: Command.SYN, streamId: stream.id });
    stream.start(this.#version);
  }

  #release(stream: SmuxStream): void {
    this.#streams.delete(stream.id);
    this.#accepted.delete(stream.id);
    if (this.#streams.size === 0) this.#emptied();
  }

  #queueFin(streamId: number): void {
    const version = this.#version as Version; // known: a frame has been received
    this.#outlet.queue({ version, command: Command.FIN, streamId });
  }
}
