import { type Transport } from '../transport/Transport.js';
import { LinkEnd } from './LinkEnd.js';
import { Random } from './Random.js';
import { resolveLinkOptions } from './resolveLinkOptions.js';
import { Turns } from './Turns.js';
import { Wire } from './Wire.js';

/** What one direction of a link in memory is like. Times are milliseconds of the scheduler's clock. */
export interface LinkDirection {
  /**
   * Time from `write` to arrival, at least a turn of the scheduler.
   * @defaultValue `0`
   */
  readonly latency?: number;
  /**
   * Up to how much latency more there is, by chance. Bytes never overtake each other.
   * @defaultValue `0`
   */
  readonly jitter?: number;
  /**
   * Bytes that leave in a second; what is written faster waits. Arrivals fall on whole milliseconds.
   * @defaultValue `Infinity`
   */
  readonly bandwidth?: number;
  /**
   * Largest chunk that arrives, in bytes: `1` delivers every byte by itself; `'random'` takes sizes from 1 to 65536 by chance.
   * @defaultValue `Infinity`, chunks arrive as they were written
   */
  readonly chunkSize?: number | 'random';
  /**
   * `write` says `false` while this many bytes have been written and not been taken at the other end; `drained$` follows.
   * @defaultValue `Infinity`
   */
  readonly sendBuffer?: number;
  /**
   * Half-open: behind this many bytes nothing arrives any more, the end of the input included, and nothing errors.
   * @defaultValue `Infinity`
   */
  readonly silentAfterBytes?: number;
  /**
   * As `silentAfterBytes`, from this moment on, counted from when the link was made.
   * @defaultValue `Infinity`
   */
  readonly silentAfterMs?: number;
  /**
   * Breaks the link, both ways, when this many bytes have arrived.
   * @defaultValue `Infinity`
   */
  readonly breakAfterBytes?: number;
}

/** What a link in memory is like: the same both ways, but for what `aToB` and `bToA` say of one. */
export interface LinkOptions extends LinkDirection {
  /** From the first transport to the second. */
  readonly aToB?: LinkDirection;
  /** From the second transport to the first. */
  readonly bToA?: LinkDirection;
  /**
   * Breaks the link at this moment, counted from when it was made.
   * @defaultValue `Infinity`
   */
  readonly breakAfterMs?: number;
  /**
   * Where chance begins, any integer: with the same seed the same happens.
   * @defaultValue `1`
   */
  readonly seed?: number;
}

/** One end of an in-memory link. */
export interface LinkedTransport extends Transport {
  /** Batches written to this end so far. */
  readonly writeCount: number;
  readonly isPaused: boolean;
  readonly isDestroyed: boolean;
  /** Both ends see the link break. */
  break(cause: Error): void;
  /** From now on nothing arrives at either end, and nothing errors: the link is half-open. */
  silence(): void;
}

/**
 * Two transports, each one's output the other's input, without a socket: an ordered pipe of bytes each way, which are copied, as on
 * a wire. Time comes from RxJS schedulers, so that a link made inside `run`, or `TestScheduler.run`, lives in virtual time.
 *
 * Without latency everything happens at once; only after a thousand turns in a row one of them takes a millisecond, so that two
 * ends that never stop answering each other do not starve everybody else.
 * @throws RangeError for a bad option; it names the field
 */
export function linkedTransports(options: LinkOptions = {}): [LinkedTransport, LinkedTransport] {
  const { aToB, bToA, breakAfterMs, seed } = resolveLinkOptions(options);
  const turns = new Turns();
  const a = new LinkEnd(turns, aToB.sendBuffer);
  const b = new LinkEnd(turns, bToA.sendBuffer);
  a.peer = b;
  b.peer = a;
  a.wire = new Wire(aToB, new Random(seed), turns, b);
  b.wire = new Wire(bToA, new Random(~seed), turns, a);
  turns.plan(() => a.broke(), breakAfterMs);
  return [a, b];
}
