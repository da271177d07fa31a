import { asyncScheduler, type Subscription } from 'rxjs';
import { Fifo } from '../queue/Fifo.js';
import { join } from './join.js';
import { type LinkDirection } from './linkedTransports.js';
import { type Random } from './Random.js';
import { type Turns } from './Turns.js';

/** The far end of a wire. */
export interface WireEnd {
  arrived(chunk: Uint8Array): void;
  /** Nothing more will come. */
  ended(): void;
  /** As many bytes have come as the link was to carry. */
  broke(): void;
}

/**
 * One direction of a link: bytes leave at the bandwidth, travel for the latency and the jitter, and arrive in order, cut into chunks.
 *
 * ```text
 * send ──► leaves, one segment behind the other ──► under way ──► arrives in chunks ──► to.arrived
 * ```
 */
export class Wire {
  readonly #options: Required<LinkDirection>;
  readonly #random: Random;
  readonly #turns: Turns;
  readonly #to: WireEnd;
  readonly #startedAt = asyncScheduler.now();
  #underWay = new Fifo<Parcel>();
  #timer: Subscription | undefined;
  /** When the last byte will have left. */
  #leftAt = 0;
  #arrivedSize = 0;
  #isSilent = false;
  #isEnded = false;

  constructor(options: Required<LinkDirection>, random: Random, turns: Turns, to: WireEnd) {
    this.#options = options;
    this.#random = random;
    this.#turns = turns;
    this.#to = to;
  }

  /** Milliseconds until everything will have left. */
  get msUntilFlushed(): number {
    return Math.max(0, this.#leftAt - asyncScheduler.now());
  }

  /** Copies the bytes, as a wire would. */
  send(batch: readonly Uint8Array[]): void {
    const { bandwidth, chunkSize } = this.#options;
    // Borders that are asked for are not those of the writes.
    const copies = chunkSize === Number.POSITIVE_INFINITY ? batch.map(copyOf) : [join(batch)];
    if (bandwidth === Number.POSITIVE_INFINITY) {
      this.#put(copies);
      return;
    }
    const segmentSize = Math.max(SEGMENT_SIZE, Math.ceil(bandwidth / 1000));
    for (const bytes of copies) {
      for (let at = 0; at < bytes.length; at += segmentSize) this.#put([bytes.subarray(at, at + segmentSize)]);
    }
  }

  /** The end follows what was sent. */
  end(): void {
    if (this.#isEnded) return;
    this.#put(undefined);
    this.#isEnded = true;
  }

  /** The sender is gone: what has left still arrives, and then the end; the rest is lost. */
  abandon(): void {
    const now = asyncScheduler.now();
    const left = new Fifo<Parcel>();
    for (const parcel of this.#underWay) if (parcel.leftAt <= now) left.push(parcel);
    this.#leftAt = now;
    this.#underWay = left;
    this.#put(undefined);
    this.#isEnded = true;
    this.#restart();
  }

  /** Nothing arrives any more. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Throws away what is under way. */
  stop(): void {
    this.#isEnded = true;
    this.#underWay = new Fifo();
    this.#timer?.unsubscribe();
  }

  #put(chunks: readonly Uint8Array[] | undefined): void {
    const { latency, jitter, bandwidth } = this.#options;
    const now = asyncScheduler.now();
    this.#leftAt = Math.max(this.#leftAt, now) + ((chunks ? sizeOf(chunks) : 0) / bandwidth) * 1000;
    const travel = latency + (jitter > 0 ? jitter * this.#random.next() : 0);
    // Whole milliseconds: diagrams know no others.
    const arrivesAt = Math.ceil(this.#leftAt + travel - ROUNDING_ERROR);
    this.#underWay.push({ chunks, leftAt: this.#leftAt, arrivesAt });
    this.#awaitNext();
  }

  #awaitNext(): void {
    const next = this.#underWay.peek();
    if (!next || this.#timer) return;
    this.#timer = this.#turns.schedule(() => this.#arrive(), next.arrivesAt - asyncScheduler.now());
  }

  #restart(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    this.#awaitNext();
  }

  /** An ordered pipe: what is delayed less waits for what is delayed more. What is sent meanwhile gets a turn of its own. */
  #arrive(): void {
    const now = asyncScheduler.now();
    for (let count = this.#underWay.size; count > 0; count--) {
      const parcel = this.#underWay.peek();
      if (!parcel || parcel.arrivesAt > now) break;
      this.#underWay.shift();
      this.#unpack(parcel);
    }
    this.#restart();
  }

  #unpack({ chunks }: Parcel): void {
    const { silentAfterMs, silentAfterBytes, breakAfterBytes } = this.#options;
    if (asyncScheduler.now() - this.#startedAt >= silentAfterMs) this.#isSilent = true;
    if (this.#isSilent) return;
    if (!chunks) {
      this.#to.ended();
      return;
    }
    const limit = Math.min(silentAfterBytes, breakAfterBytes);
    for (const chunk of chunks) {
      const part = chunk.subarray(0, Math.min(chunk.length, limit - this.#arrivedSize));
      this.#arrivedSize += part.length;
      for (const piece of this.#cut(part)) this.#to.arrived(piece);
    }
    if (this.#arrivedSize < limit) return;
    if (limit === breakAfterBytes) this.#to.broke();
    else this.#isSilent = true;
  }

  *#cut(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    const { chunkSize } = this.#options;
    for (let at = 0; at < bytes.length; ) {
      const size = chunkSize === 'random' ? this.#random.size(MAX_RANDOM_CHUNK) : chunkSize;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
}

/** Chunks that arrive together; without any, the end. */
interface Parcel {
  readonly chunks: readonly Uint8Array[] | undefined;
  readonly leftAt: number;
  readonly arrivesAt: number;
}

/** Not `slice`: that of a Node Buffer is another view. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function sizeOf(batch: readonly Uint8Array[]): number {
  return batch.reduce((sum, { length }) => sum + length, 0);
}

/** Bytes that leave in one go, unless the link is so fast that more leave in a millisecond. */
const SEGMENT_SIZE = 1460;
const MAX_RANDOM_CHUNK = 65_536;
const ROUNDING_ERROR = 1e-6;
