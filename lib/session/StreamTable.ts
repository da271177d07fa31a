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
  readonly counts = { streamsOpened: 0, streamsAccepted: 0, streamsRefused: 0 };
  readonly queue = new AcceptQueue();
  /** By ID: where their frames go. */
  readonly inlets = new Map<number, SmuxStream['inbound']>();
  readonly #host: StreamHost;
  /** Those that the peer opened. */
  readonly #peerIds = new Set<number>();
  readonly #refusedIds = new RefusedIds();
  readonly #ids: Iterator<number, undefined>;
  /** One more stream of the peer does not come too soon. */
  readonly #isInTime: () => boolean;

  constructor(host: StreamHost) {
    this.#host = host;
    const isTaken = (streamId: number) => this.inlets.has(streamId) || this.#refusedIds.isAnswering(streamId);
    this.#ids = streamIds(host.options.role, isTaken, host.counters.nextStreamId);
    this.#isInTime = limitRate(host.options.maxStreamRate);
  }

  /** Those of now: what is done to one may end it, or others. */
  get all(): readonly SmuxStream[] {
    return Array.from(this.inlets.values(), ({ receiver }) => receiver as SmuxStream);
  }

  find(streamId: number): SmuxStream | undefined {
    return this.inlets.get(streamId)?.receiver;
  }

  /** The version is known: streams that were opened before go out. */
  start(): void {
    for (const stream of this.all) this.#announce(stream);
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

  /** Takes in what the peer opens, before the frame looks for its stream. A duplicate SYN is ignored, as Go does. */
  admit({ command, streamId }: Frame): void {
    if (this.inlets.has(streamId)) return;
    if (command === Command.SYN) this.#accept(streamId);
    if (command === Command.PSH && this.#refusedIds.deservesAnswer(streamId)) this.#queueFrame(Command.FIN, streamId);
  }

  /** A stream is over on the wire. */
  release(streamId: number): void {
    this.inlets.delete(streamId);
    this.#peerIds.delete(streamId);
  }

  batchSent(batch: readonly Frame[]): void {
    this.#refusedIds.flushed();
    // One that comes up twice is told twice, which does no harm.
    const touched: SmuxStream[] = [];
    for (const frame of batch) {
      const stream = this.find(frame.streamId);
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

  #accept(streamId: number): void {
    if (this.#refusedIds.isAnswering(streamId)) return; // its FINs would be taken for those of the new stream
    const { session, options } = this.#host;
    const isFull = this.queue.isFull(options.acceptBacklog) || this.#peerIds.size >= options.maxStreams;
    if (session.isClosed || isFull || !this.#isInTime()) {
      this.#refuse(streamId);
      return;
    }
    const stream = this.#add(streamId, 1);
    this.#peerIds.add(streamId);
    this.counts.streamsAccepted++;
    stream.start(options.holdFirstFrames);
    this.queue.push(stream);
  }

  /** Two FINs: the second one says that nobody reads, a single one would only be a half-close. */
  #refuse(streamId: number): void {
    this.counts.streamsRefused++;
    this.#refusedIds.add(streamId);
    // A peer that does not read our answers gets none; its data will remind us of the stream.
    if (this.#host.outlet.waiting >= MAX_WAITING_REFUSALS) return;
    this.#queueFrame(Command.FIN, streamId);
    this.#queueFrame(Command.FIN, streamId);
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

const MAX_WAITING_REFUSALS = 4096;
