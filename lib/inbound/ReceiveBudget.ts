import { asyncScheduler } from 'rxjs';
import { INITIAL_WINDOW } from '../wire/frame.js';

/**
 * The bytes that all streams of a session may hold unread (Go: the token bucket of session.go). Reading the link pauses when they
 * are used up and resumes as consumers take bytes.
 */
export class ReceiveBudget {
  /** Bytes that may be held, so also the largest window that a stream could have to itself. */
  readonly size: number;
  /** Bytes that streams hold unread. */
  unread = 0;
  /**
   * How far the bytes held may go beyond the size before reading pauses. In version 2, where a pause would stop the window updates
   * of the streams that are read, each stream is bounded by its own window.
   */
  overdraft = 0;
  readonly #link: { pause(): void; resume(): void };
  /** Streams whose windows are still those that the protocol opens them with. */
  #fresh = 0;
  /** Streams that have asked for their share in this second, and how many did in the last. */
  readonly #sharers = new Set<number>();
  #lastCount = 0;
  #second = -1;

  /** @param size bytes */
  constructor(size: number, link: { pause(): void; resume(): void }) {
    this.size = size;
    this.#link = link;
  }

  /** The link is not being read. */
  get isPaused(): boolean {
    return this.unread >= this.size + this.overdraft;
  }

  /**
   * A stream of version 2 begins.
   * @returns bytes that there is room for; less than {@link INITIAL_WINDOW} has to be announced before the peer's first flight
   */
  opened(): number {
    this.#fresh++;
    if (this.size < INITIAL_WINDOW) return INITIAL_WINDOW; // a single flight overdraws it, with or without a word from us
    const free = this.size - this.unread;
    const isTight = free < INITIAL_WINDOW || this.#fresh * INITIAL_WINDOW > free + this.overdraft / 2;
    return isTight ? this.#part(this.#fresh) : INITIAL_WINDOW;
  }

  /** A stream has announced its first window, or ended without. */
  settled(): void {
    this.#fresh--;
  }

  /**
   * The window that a stream may announce: an equal share of what is free for those that have asked in this second or the last.
   * @param wanted bytes
   */
  share(wanted: number, streamId: number): number {
    const second = Math.floor(asyncScheduler.now() / 1000);
    if (second !== this.#second) {
      this.#lastCount = second === this.#second + 1 ? this.#sharers.size : 0;
      this.#sharers.clear();
      this.#second = second;
    }
    if (this.#sharers.size * MIN_WINDOW < this.size) this.#sharers.add(streamId); // with more the shares are the smallest anyway
    return Math.min(wanted, this.#part(Math.max(this.#sharers.size, this.#lastCount)));
  }

  take(size: number): void {
    const wasPaused = this.isPaused;
    this.unread += size;
    if (!wasPaused && this.isPaused) this.#link.pause();
  }

  give(size: number): void {
    const wasPaused = this.isPaused;
    this.unread -= size;
    if (wasPaused && !this.isPaused) this.#link.resume();
  }

  #part(count: number): number {
    return Math.max(MIN_WINDOW, Math.floor((this.size - this.unread) / count));
  }
}

/** Bytes: with less, a reader would spend more on updates than on reading. */
const MIN_WINDOW = 4096;
