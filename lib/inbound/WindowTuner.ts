import { asyncScheduler } from 'rxjs';

/**
 * Finds the window that a stream needs: it is doubled as long as that brings throughput, so that a long link is filled and a short
 * one is not flooded.
 *
 * The wire has no ping. The time from an update to the first byte that only this update allowed is a round trip where the peer
 * was waiting for it, and longer where it was not.
 */
export class WindowTuner {
  /** Bytes. */
  window: number;
  /** Milliseconds; known when the window has grown once. */
  roundTrip: number | undefined;
  /** The byte count that shows that an update has arrived when it is passed, and when that was announced. */
  #mark = Number.POSITIVE_INFINITY;
  #markedAt = 0;
  /** Throughput is measured from one passing of a mark to a later one. */
  #epochAt = Number.POSITIVE_INFINITY;
  #epochFrom = 0;
  /** The shortest time that an update has taken in this epoch. */
  #wait = Number.POSITIVE_INFINITY;
  /** Bytes a millisecond when the window grew last. */
  #rateBefore = 0;

  /** @param window bytes, to begin with */
  constructor(window: number) {
    this.window = window;
  }

  /** An update is on its way. @param lastLimit bytes that the peer was allowed in all before it */
  announced(lastLimit: number): void {
    if (this.#mark !== Number.POSITIVE_INFINITY) return;
    this.#mark = lastLimit;
    this.#markedAt = asyncScheduler.now();
  }

  /** @param total bytes received so far @param most the largest window there is room for */
  received(total: number, most: number): void {
    if (total <= this.#mark) return;
    this.#mark = Number.POSITIVE_INFINITY;
    const now = asyncScheduler.now();
    this.#wait = Math.min(this.#wait, now - this.#markedAt);
    const elapsed = now - this.#epochAt;
    const size = total - this.#epochFrom;
    const isOver = elapsed >= MIN_EPOCH && size >= EPOCH_WINDOWS * this.window;
    if (isOver) this.#adapt(size / elapsed, most);
    else if (elapsed >= 0) return;
    this.#epochAt = now; // also for the first one, and when the clock was set back
    this.#epochFrom = total;
    this.#wait = Number.POSITIVE_INFINITY;
  }

  #adapt(rate: number, most: number): void {
    if (rate < this.#rateBefore / GAIN) this.#rateBefore = 0; // the link has changed: try anew
    const wait = this.#wait;
    const isRoundTrip = wait >= 0 && wait < MAX_WAIT;
    if (!isRoundTrip || rate <= this.#rateBefore * GAIN || this.window >= most) return;
    this.roundTrip = this.#rateBefore === 0 ? wait : Math.min(wait, this.roundTrip ?? wait);
    this.#rateBefore = rate;
    this.window = Math.min(2 * this.window, most);
  }
}

/** Milliseconds: a clock of whole ones says little about less. */
const MIN_EPOCH = 20;
/** More than one: the throughput of a single window swings with the pace of its reader. */
const EPOCH_WINDOWS = 1.5;
/** Milliseconds: what takes longer is no round trip but a peer with little to say. */
const MAX_WAIT = 3000;
/** Throughput that a doubled window must bring. */
const GAIN = 1.2;
