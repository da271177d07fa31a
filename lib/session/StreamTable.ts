import { type Observable } from 'rxjs';
import { SessionError } from '../errors.js';
import { SmuxStream } from '../stream.js';
import { Command, type Frame, type SignalFrame, type Version } from '../wire/frame.js';
import { AcceptQueue } from './AcceptQueue.js';
import { limitRate } from './limitRate.js';
import { RefusedIds } from './RefusedIds.js';
import { type StreamHost } from './StreamHost.js';
import { streamIds } from './streamIds.js';

/** The streams of a session that are not over on the wire: how they come, are found, and go. */
export class StreamTable {
  readonly streams$: Observable<SmuxStream>;
  readonly counts = { streamsOpened: 0, streamsAccepted: 0, streamsRefused: 0 };
  readonly #host: StreamHost;
  readonly #emptied: () => void;
  /** By ID: where their frames go. */
  readonly #inlets = new Map<number, SmuxStream['inbound']>();
  /** Those that the peer opened. */
  readonly #peerIds = new Set<number>();
  readonly #refusedIds = new RefusedIds();
  readonly #queue = new AcceptQueue();
  readonly #ids: Iterator<number, undefined>;
  /** One more stream of the peer does not come too soon. */
  readonly #isInTime: () => boolean;
  #isClosing = false;

  /** @param emptied called whenever the last stream has gone */
  constructor(host: StreamHost, emptied: () => void) {
    this.#host = host;
    this.#emptied = emptied;
    const isTaken = (streamId: number) => this.#inlets.has(streamId) || this.#refusedIds.isAnswering(streamId);
    this.#ids = streamIds(host.options.role, isTaken, host.counters.nextStreamId);
    this.#isInTime = limitRate(host.options.maxStreamRate);
    this.streams$ = this.#queue.streams$;
  }

  get size(): number {
    return this.#inlets.size;
  }

  /** Streams that would lose something with the link. */
  get unfinished(): number {
    let count = 0;
    for (const stream of this.#streams) if (stream.isUnfinished) count++;
    return count;
  }

  get(streamId: number): SmuxStream | undefined {
    return this.#inlets.get(streamId)?.receiver;
  }

  /** Where the frames of a stream go. */
  inlet(streamId: number): SmuxStream['inbound'] | undefined {
    return this.#inlets.get(streamId);
  }

  /** The version is known: streams that were opened before go out. */
  start(): void {
    for (const stream of this.#streams) this.#announce(stream);
  }

  /** @throws SessionError `SMUX_ERR_STREAM_IDS` */
  open(weight: number): SmuxStream {
    const { value: id } = this.#ids.next();
    if (id === undefined) {
      throw new SessionError('SMUX_ERR_STREAM_IDS', 'every stream ID of this session has been used');
    }
    const stream = this.#add(id, weight);
    this.counts.streamsOpened++;
    this.#announce(stream);
    return stream;
  }

  /** Takes a frame's stream in or looks it up; false where there is none. A duplicate SYN is ignored, as Go does. */
  admit({ command, streamId }: Frame): boolean {
    const isKnown = this.#inlets.has(streamId);
    if (command === Command.SYN) return !isKnown && this.#admitNew(streamId);
    if (!isKnown && command === Command.PSH && this.#refusedIds.deservesAnswer(streamId))
      this.#queueFrame(Command.FIN, streamId);
    return isKnown;
  }

  /** Hands a stream that the peer opened to whoever accepts streams. */
  deliver(streamId: number): void {
    const stream = this.get(streamId);
    if (stream === undefined || !this.#peerIds.has(streamId)) return;
    stream.start(this.#host.options.holdFirstFrames);
    this.#queue.push(stream);
  }

  /** A stream is over on the wire. */
  release({ id }: SmuxStream): void {
    this.#inlets.delete(id);
    this.#peerIds.delete(id);
    if (this.#inlets.size === 0) this.#emptied();
  }

  batchSent(batch: readonly Frame[]): void {
    this.#refusedIds.flushed();
    // One that comes up twice is told twice, which does no harm.
    const touched: SmuxStream[] = [];
    for (const frame of batch) {
      const stream = this.get(frame.streamId);
      if (stream === undefined) continue;
      stream.frameSent(frame);
      if (stream !== touched.at(-1)) touched.push(stream);
    }
    for (const stream of touched) stream.batchSent();
  }

  /** No more streams; those there are get FIN behind what was written, those that nobody has accepted are refused. */
  close(): void {
    this.#isClosing = true;
    for (const stream of this.#queue.drain()) stream.close();
    for (const stream of this.#streams) stream.finish();
  }

  /** The link is gone. */
  end(cause: Error): void {
    this.#isClosing = true;
    for (const stream of this.#streams) stream.linkEnded(cause);
    this.#queue.end();
  }

  /** Those of now: what is done to one may end it, or others. */
  get #streams(): SmuxStream[] {
    return Array.from(this.#inlets.values(), ({ receiver }) => receiver as SmuxStream);
  }

  #admitNew(streamId: number): boolean {
    if (this.#refusedIds.isAnswering(streamId)) return false; // its FINs would be taken for those of the new stream
    const { acceptBacklog, maxStreams } = this.#host.options;
    const isFull = this.#queue.isFull(acceptBacklog) || this.#peerIds.size >= maxStreams;
    if (this.#isClosing || isFull || !this.#isInTime()) {
      this.counts.streamsRefused++;
      this.#refuse(streamId);
      return false;
    }
    this.#add(streamId, 1);
    this.#peerIds.add(streamId);
    this.counts.streamsAccepted++;
    return true;
  }

  /** Two FINs: the second one says that nobody reads, a single one would only be a half-close. */
  #refuse(streamId: number): void {
    this.#refusedIds.add(streamId);
    // A peer that does not read our answers gets none; its data will remind us of the stream.
    if (this.#host.outlet.waiting >= MAX_WAITING_REFUSALS) return;
    this.#queueFrame(Command.FIN, streamId);
    this.#queueFrame(Command.FIN, streamId);
  }

  #add(id: number, weight: number): SmuxStream {
    const stream = new SmuxStream(id, weight, this.#host);
    this.#inlets.set(id, stream.inbound);
    return stream;
  }

  #announce(stream: SmuxStream): void {
    if (this.#host.session.version === undefined) return;
    this.#queueFrame(Command.SYN, stream.id);
    stream.start();
  }

  #queueFrame(command: SignalFrame['command'], streamId: number): void {
    this.#host.outlet.queue({ version: this.#host.session.version as Version, command, streamId });
  }
}

const MAX_WAITING_REFUSALS = 4096;
