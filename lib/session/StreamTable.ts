import { SessionError } from '../errors.js';
import { SmuxStream } from '../stream.js';
import { Command, type Frame, type SignalFrame, type Version } from '../wire/frame.js';
import { AcceptQueue } from './AcceptQueue.js';
import { limitRate } from './limitRate.js';
import { RecentIds } from './RecentIds.js';
import { type StreamHost } from './StreamHost.js';

/** The streams of a session that are not over on the wire: how they come, are found, and go. */
export class StreamTable {
  readonly counts = { streamsOpened: 0, streamsAccepted: 0, streamsRefused: 0 };
  readonly queue = new AcceptQueue();
  /** By ID: where their frames go. */
  readonly inlets = new Map<number, SmuxStream['inbound']>();
  readonly #host: StreamHost;
  /** Those that the peer opened. */
  readonly #peerIds = new Set<number>();
  /** Those refused last: the flush that takes the last FIN for each along. */
  #refused: RecentIds | undefined;
  #flush = 1;
  #nextId: number;
  /** One more stream of the peer does not come too soon. */
  readonly #isInTime: () => boolean;

  constructor(host: StreamHost) {
    this.#host = host;
    this.#nextId = host.counters.nextStreamId ?? (host.options.role === 'client' ? 3 : 2);
    this.#isInTime = limitRate(host.options.maxStreamRate);
  }

  /** Those of now: what is done to one may end it, or others. */
  get all(): readonly SmuxStream[] {
    return Array.from(this.inlets.values(), ({ receiver }) => receiver as SmuxStream);
  }

  /** The version is known: streams that were opened before go out. */
  start(): void {
    for (const stream of this.all) this.#announce(stream);
  }

  /**
   * IDs of a client are odd, those of a server even (Go: session.go, OpenStream); none comes twice.
   * @throws SessionError `SMUX_ERR_STREAM_IDS`
   */
  open(weight: number): SmuxStream {
    let id = this.#nextId;
    while (this.#isTaken(id)) id += 2; // the peer may have used any, one of ours included
    this.#nextId = id + 2;
    if (id > MAX_ID) throw new SessionError('SMUX_ERR_STREAM_IDS', 'every stream ID of this session has been used');
    const stream = this.#add(id, weight);
    this.counts.streamsOpened++;
    this.#announce(stream);
    return stream;
  }

  /** Takes in what the peer opens, before the frame looks for its stream. A duplicate SYN is ignored, as Go does. */
  admit({ command, streamId }: Frame): void {
    if (this.#isTaken(streamId)) return;
    if (command === Command.SYN) this.#accept(streamId);
    // Its writer has not heard of the refusal: it is told again, at most once a flush.
    else if (command === Command.PSH && this.#refused?.get(streamId)) this.#refuse(streamId, 1);
  }

  /** A stream is over on the wire. */
  release(streamId: number): void {
    this.inlets.delete(streamId);
    this.#peerIds.delete(streamId);
  }

  batchSent(batch: readonly Frame[]): void {
    this.#flush++;
    // One that comes up twice is told twice, which does no harm.
    const touched: SmuxStream[] = [];
    for (const frame of batch) {
      const stream = this.inlets.get(frame.streamId)?.receiver;
      if (stream === undefined) continue;
      stream.frameSent(frame);
      if (stream !== touched.at(-1)) touched.push(stream);
    }
    for (const stream of touched) stream.batchSent();
  }

  /** No more streams; those there are get FIN behind what was written, those that nobody has accepted are refused. */
  close(): void {
    for (const stream of this.queue.drain()) stream.close();
    for (const stream of this.all) stream.finish();
  }

  /** The link is gone for the streams there are, and no more come. */
  end(cause: Error = new SessionError('SMUX_ERR_SESSION_CLOSED', 'the session was closed under the stream')): void {
    for (const stream of this.all) stream.linkEnded(cause);
    this.queue.end();
  }

  /** There is a stream, or FINs wait that would be taken for those of a new one. */
  #isTaken(streamId: number): boolean {
    return this.inlets.has(streamId) || this.#refused?.get(streamId) === this.#flush;
  }

  #accept(streamId: number): void {
    const { session, options } = this.#host;
    const isFull = this.queue.isFull(options.acceptBacklog) || this.#peerIds.size >= options.maxStreams;
    if (session.isClosed || isFull || !this.#isInTime()) {
      this.counts.streamsRefused++;
      this.#refuse(streamId, 2); // the second one says that nobody reads, a single one would only be a half-close
      return;
    }
    const stream = this.#add(streamId, 1);
    this.#peerIds.add(streamId);
    this.counts.streamsAccepted++;
    stream.start(options.holdFirstFrames);
    this.queue.push(stream);
  }

  #refuse(streamId: number, finCount: number): void {
    this.#refused ??= new RecentIds();
    this.#refused.set(streamId, this.#flush);
    // A peer that does not read our answers gets none; its data will remind us of the stream.
    if (this.#host.outlet.waiting >= MAX_WAITING_REFUSALS) return;
    for (let count = 0; count < finCount; count++) this.#queueFrame(Command.FIN, streamId);
  }

  #add(id: number, weight: number): SmuxStream {
    const stream = new SmuxStream(id, weight, this.#host);
    this.inlets.set(id, stream.inbound);
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

const MAX_ID = 0xffffffff;
const MAX_WAITING_REFUSALS = 4096;
