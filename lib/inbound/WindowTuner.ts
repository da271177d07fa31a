/**
 * Finds the window that a stream needs: it grows while the peer waits for it and while growth brings throughput, so that a long
 * link is filled and a short one is not flooded.
 *
 * The wire has no ping. The time from an update to the first byte that only this update allowed is a round trip where the peer
 * was waiting for it, and longer where it was not: the shortest one is taken for the round trip.
 */
export class WindowTuner {
  /** Milliseconds; known when the peer has waited once. */
  roundTrip: number | undefined;
  #window: number;
  readonly #now: () => number;
  /** The byte count whose passing ends the sample that runs, and when that began. */
  #mark = Number.POSITIVE_INFINITY;
  #markedAt = 0;
  #epochAt: number;
  #epochBytes = 0;
  #waits = 0;
  #waitCount = 0;
  /** The shortest mean wait of the epochs of this term and the last one: round trips may become longer. */
  #shortest = Number.POSITIVE_INFINITY;
  #lastShortest = Number.POSITIVE_INFINITY;
  #termAt: number;
  /** Bytes a millisecond when the window grew last. */
  #rateBefore = 0;

  /**
   * @param window bytes, to begin with
   * @param now milliseconds, of a clock that may step
   */
  constructor(window: number, now: () => number) {
    this.#window = window;
    this.#now = now;
    this.#epochAt = this.#termAt = now();
  }

  /** Bytes. */
  get window(): number {
    return this.#window;
  }

  /** An update is on its way. @param lastLimit bytes that the peer was allowed in all before it */
  announced(lastLimit: number): void {
    if (this.#mark !== Number.POSITIVE_INFINITY) return;
    this.#mark = lastLimit;
    this.#markedAt = this.#now();
  }

  /** @param size bytes that came @param received bytes in all @param most the largest window there is room for */
  received(size: number, received: number, most: number): void {
    this.#epochBytes += size;
    if (received <= this.#mark) return;
    const now = this.#now();
    this.#mark = Number.POSITIVE_INFINITY;
    this.#waits += now - this.#markedAt;
    this.#waitCount++;
    const elapsed = now - this.#epochAt;
    if (elapsed >= MIN_EPOCH && this.#epochBytes >= 2 * this.#window) this.#endEpoch(now, elapsed, most);
    else if (elapsed < 0 || now < this.#markedAt) this.#begin(now); // the clock was set
  }

  #endEpoch(now: number, elapsed: number, most: number): void {
    const wait = this.#waits / this.#waitCount;
    const rate = this.#epochBytes / elapsed;
    if (now - this.#termAt >= Math.max(MIN_TERM, TERM_EPOCHS * wait)) {
      this.#lastShortest = this.#shortest;
      this.#shortest = Number.POSITIVE_INFINITY;
      this.#termAt = now;
    }
    this.#shortest = Math.min(this.#shortest, wait);
    const isWaitedFor = wait < MAX_WAIT && wait <= PATIENCE * Math.min(this.#shortest, this.#lastShortest);
    if (rate < this.#rateBefore / GAIN) this.#rateBefore = 0; // the link has changed: try anew
    if (isWaitedFor && rate > this.#rateBefore * GAIN && this.#window < most) {
      this.roundTrip = this.#rateBefore === 0 ? wait : Math.min(wait, this.roundTrip ?? wait);
      this.#rateBefore = rate;
      this.#window = Math.min(2 * this.#window, most);
    }
    this.#begin(now);
  }

  #begin(now: number): void {
    this.#epochAt = now;
    this.#epochBytes = this.#waits = this.#waitCount = 0;
  }
}

/** Milliseconds: a clock of whole ones says little about less. */
const MIN_EPOCH = 20;
const MIN_TERM = 500;
const TERM_EPOCHS = 8;
/** Milliseconds: what takes longer is no round trip but a peer with little to say. */
const MAX_WAIT = 3000;
/** How much longer than the shortest wait one may be and still be that of a peer that waits. */
const PATIENCE = 1.5;
/** Throughput that a doubled window must bring. */
const GAIN = 1.2;
