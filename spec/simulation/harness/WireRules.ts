import { type Role } from '../../../lib/options.js';
import { type WireFrame } from './FrameParser.js';
import { type Judge } from './Judge.js';

/** What the rules must know of the side that they watch. */
export interface Watched {
  readonly role: Role;
  readonly maxFrameSize: number;
  readonly maxReceiveBuffer: number;
  /** Bytes of a stream that the application has finished with; `undefined` where it never had the stream. */
  consumedOf(streamId: number): number | undefined;
  /** Counters of the streams begin here: bytes sent and consumed before. */
  readonly sentBefore: number;
  readonly consumedBefore: number;
}

/** One stream on the wire, as one side of the link has seen it. */
export interface WireStream {
  readonly id: number;
  readonly isOwn: boolean;
  sent: number;
  received: number;
  finsSent: number;
  finsReceived: number;
  /** The peer's FIN came before ours. */
  wasEndedByPeer: boolean;
  /** The batch that our last FIN left in. */
  finBatch: number;
  /** What may be sent in all: the most that the peer ever allowed. */
  limit: number;
  /** Of our last update, since the stream began. */
  announced: { consumed: number; limit: number };
  updates: number;
  /** The batch of our last update, and the one in which the stream was found to be over. */
  updateBatch: number;
  overSince: number | undefined;
}

/** The rules of the wire, and of what we promise beyond them, for one side of a link. */
export class WireRules {
  readonly streams = new Map<number, WireStream>();
  readonly #watched: Watched;
  readonly #judge: Judge;
  #version = 0;
  #batch = 0;

  constructor(watched: Watched, judge: Judge) {
    this.#judge = judge;
    this.#watched = watched;
  }

  get version(): number {
    return this.#version;
  }

  /** What `sent` hears of next leaves in one piece. */
  /** Those that have left. */
  get batches(): number {
    return this.#batch;
  }

  batch(): void {
    this.#batch++;
  }

  sent(frame: WireFrame): void {
    this.#version ||= frame.version;
    if (frame.version !== this.#version) this.#judge.blame('version', `${frame.version} after ${this.#version}`);
    if (frame.command === 'NOP') return;
    if (frame.command === 'SYN') {
      this.#synSent(frame.streamId);
      return;
    }
    const stream = this.streams.get(frame.streamId);
    if (stream === undefined) {
      this.#judge.blame('before SYN', `${frame.command} of stream ${frame.streamId}`);
      return;
    }
    this.#checkOver(stream, frame);
    if (frame.command === 'PSH') this.#dataSent(stream, frame.size);
    else if (frame.command === 'FIN') this.#finSent(stream);
    else this.#updateSent(stream, frame);
  }

  received({ version, command, streamId, size, consumed, window }: WireFrame): void {
    this.#version ||= version;
    if (command === 'SYN' && !this.streams.has(streamId)) this.streams.set(streamId, wireStream(streamId, false));
    const stream = this.streams.get(streamId);
    if (stream === undefined) return;
    if (command === 'PSH') stream.received += size;
    if (command === 'FIN') {
      stream.finsReceived++;
      this.#noteOver(stream);
    }
    if (command === 'UPD') {
      // `>>> 0`: the count wraps at 2^32; so little is sent in a history that it cannot wrap twice.
      const since = (consumed - this.#watched.sentBefore) >>> 0;
      stream.limit = Math.max(stream.limit, since + window);
    }
  }

  #synSent(streamId: number): void {
    const parity = this.#watched.role === 'client' ? 1 : 0;
    if (streamId % 2 !== parity || streamId < 2)
      this.#judge.blame('stream ID', `a ${this.#watched.role} used ${streamId}`);
    if (this.streams.has(streamId)) this.#judge.blame('stream ID', `${streamId} was used twice`);
    this.streams.set(streamId, wireStream(streamId, true));
  }

  #dataSent(stream: WireStream, size: number): void {
    if (size === 0 || size > this.#watched.maxFrameSize) this.#judge.blame('frame size', `${size} bytes`);
    if (stream.finsSent > 0) this.#judge.blame('data after FIN', `stream ${stream.id}`);
    stream.sent += size;
    if (this.#version === 2 && stream.sent > stream.limit) {
      this.#judge.blame('overdrawn credit', `stream ${stream.id} sent ${stream.sent} of ${stream.limit} bytes`);
    }
  }

  #finSent(stream: WireStream): void {
    if (stream.finsSent++ === 0) stream.wasEndedByPeer = stream.finsReceived > 0;
    stream.finBatch = this.#batch;
    this.#noteOver(stream);
    // A refused stream gets FINs for as long as data comes.
    const isRefused = !stream.isOwn && this.#watched.consumedOf(stream.id) === undefined && stream.sent === 0;
    if (stream.finsSent > 2 && !isRefused) this.#judge.blame('too many FINs', `stream ${stream.id}`);
  }

  #updateSent(stream: WireStream, { consumed, window }: WireFrame): void {
    const { id } = stream;
    if (this.#version !== 2) this.#judge.blame('update in version 1', `stream ${id}`);
    if (stream.updateBatch === this.#batch) this.#judge.blame('two updates at once', `stream ${id}`);
    stream.updateBatch = this.#batch;
    const since = (consumed - this.#watched.consumedBefore) >>> 0;
    const really = this.#watched.consumedOf(id) ?? 0;
    if (since > really) this.#judge.blame('credit too early', `stream ${id}: ${since} of ${really} bytes consumed`);
    const isNews = since > stream.announced.consumed || since + window > stream.announced.limit;
    if (since < stream.announced.consumed || (stream.updates > 0 && !isNews)) {
      this.#judge.blame('no news', `stream ${id}: ${since} after ${stream.announced.consumed}`);
    }
    if (window > this.#watched.maxReceiveBuffer) this.#judge.blame('window', `${window} bytes for stream ${id}`);
    stream.updates++;
    stream.announced = { consumed: since, limit: since + window };
  }

  #noteOver(stream: WireStream): void {
    if (stream.finsSent > 0 && stream.finsReceived > 0) stream.overSince ??= this.#batch;
  }

  /** Once both ends have closed a stream nothing follows it in another batch, but for an update that was queued by then. */
  #checkOver({ id, isOwn, overSince }: WireStream, { command }: WireFrame): void {
    if (overSince === undefined) return;
    const isRefusal = command === 'FIN' && !isOwn && this.#watched.consumedOf(id) === undefined;
    if (this.#batch > overSince + (command === 'UPD' ? 1 : 0) && !isRefusal)
      this.#judge.blame('after the end', `${command} of stream ${id}`);
  }
}

function wireStream(id: number, isOwn: boolean): WireStream {
  return {
    id,
    isOwn,
    sent: 0,
    received: 0,
    finsSent: 0,
    finsReceived: 0,
    wasEndedByPeer: false,
    finBatch: 0,
    limit: INITIAL_WINDOW,
    announced: { consumed: 0, limit: INITIAL_WINDOW },
    updates: 0,
    updateBatch: -1,
    overSince: undefined,
  };
}

/** Bytes: what version 2 begins with. */
const INITIAL_WINDOW = 262_144;
