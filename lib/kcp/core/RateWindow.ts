import { serialDiff } from './serialDiff.js';

/**
 * How much may be under way for the sake of the network, by what has arrived lately: as much as fills the path and not much more, so
 * that queues stay short. What random loss takes does not count as a sign of congestion.
 *
 * ```text
 * size = gain · most that arrived in a round trip's time · shortest round trip
 * ```
 *
 * The gain lets the size double in a round trip while more arrives for it, and shrinks as soon as round trips grow.
 */
export class RateWindow {
  /** Segments that may be unacknowledged. */
  size = FIRST_SIZE;
  /** Whether it has held anything back since the round began. */
  isLimiting = false;
  /** Milliseconds: how long an acknowledgement may take beyond the round trip. */
  readonly #allowance: number;
  /** Segments a millisecond, of the last rounds. */
  readonly #rates = new Float64Array(ROUNDS);
  #round = 0;
  #roundBeganAt: number | undefined;
  #delivered = 0;
  #shortestRtt = Number.POSITIVE_INFINITY;
  #shortestSince = 0;

  /** @param interval between two flushes of the peer, in milliseconds */
  constructor(interval: number) {
    this.#allowance = interval + SLACK;
  }

  /**
   * Segments have arrived.
   * @param now milliseconds, modulo 2^32
   * @param sample the round trip that was just measured, and `rtt` its average
   */
  delivered(count: number, now: number, sample: number, rtt: number): void {
    if (sample <= this.#shortestRtt || serialDiff(now, this.#shortestSince) > SHORTEST_FOR) {
      this.#shortestRtt = sample;
      this.#shortestSince = now;
    }
    this.#roundBeganAt ??= now;
    this.#delivered += count;
    const duration = serialDiff(now, this.#roundBeganAt);
    if (duration < Math.max(rtt, MIN_ROUND)) return;
    this.#endRound(this.#delivered / duration, rtt);
    this.#roundBeganAt = now;
    this.#delivered = 0;
  }

  #endRound(rate: number, rtt: number): void {
    const best = Math.max(...this.#rates);
    // A round in which there was little to send says nothing about the network.
    if (!this.isLimiting && rate < best) return;
    this.isLimiting = false;
    this.#rates[this.#round++ % ROUNDS] = rate;
    const path = this.#shortestRtt + this.#allowance;
    const gain = rtt > LONG * path ? SMALL_GAIN : LARGE_GAIN;
    this.size = Math.max(MIN_SIZE, Math.ceil(gain * Math.max(...this.#rates) * path));
  }
}

// Segments.
const FIRST_SIZE = 128;
const MIN_SIZE = 8;
const ROUNDS = 10;
// Milliseconds.
const SLACK = 10;
const MIN_ROUND = 10;
const SHORTEST_FOR = 10_000;
const LONG = 1.4;
const LARGE_GAIN = 2;
const SMALL_GAIN = 1.25;
