import { asyncScheduler } from 'rxjs';
import { INITIAL_WINDOW } from '../wire/frame.js';

/**
 * The bytes that all streams of a session may hold unread (Go: the token bucket of session.go). Reading the link pauses when they
 * are used up and resumes as consumers take bytes.
 */
export class ReceiveBudget {
  readonly #size: number;
  readonly #link: { pause(): void; resume(): void };
  #available: number;
  #overdraft = 0;
  #isPaused = false;
  /** Streams whose windows are still those that the protocol opens them with. */
  #fresh = 0;
  #second = -1;
  #sharers = 0;
  #lastSharers = 0;

  /** @param size bytes */
  constructor(size: number, link: { pause(): void; resume(): void }) {
    this.#size = size;
    this.#available = size;
    this.#link = link;
  }

  /** Bytes that are held unread. */
  get held(): number {
    return this.#size - this.#available;
  }

  /** The link is not being read. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /**
   * Lets the bytes held go beyond the size before reading pauses. In version 2, where a pause would stop the window updates of
   * the streams that are read, each stream is bounded by its own window.
   */
  allowOverdraft(size: number): void {
    this.#overdraft = size;
  }

  /** The largest window that a stream could have to itself. */
  get size(): number {
    return this.#size;
  }

  /**
   * A stream of version 2 begins.
   * @returns bytes that there is room for; less than {@link INITIAL_WINDOW} has to be announced before the peer's first flight
   */
  opened(): number {
    this.#fresh++;
    if (this.#size < INITIAL_WINDOW) return INITIAL_WINDOW; // a single flight overdraws it, with or without a word from us
    const flights = this.#fresh * INITIAL_WINDOW;
    const isTight = this.#available < INITIAL_WINDOW || flights > this.#available + this.#overdraft / 2;
    return isTight ? Math.max(MIN_WINDOW, Math.floor(this.#available / this.#fresh)) : INITIAL_WINDOW;
  }

  /** A stream has announced its first window, or ended without. */
  settled(): void {
    this.#fresh--;
  }

  /**
   * The window that a stream may announce: an equal share of what is free for those that have asked in this second or the last.
   * @param wanted bytes
   * @param sharer remembers when it has asked; one a stream
   */
  share(wanted: number, sharer: { askedIn: number }): number {
    const second = Math.floor(asyncScheduler.now() / 1000);
    if (second !== this.#second) {
      this.#lastSharers = second === this.#second + 1 ? this.#sharers : 0;
      this.#sharers = 0;
      this.#second = second;
    }
    if (sharer.askedIn !== second) {
      sharer.askedIn = second;
      this.#sharers++;
    }
    const share = Math.floor(this.#available / Math.max(this.#sharers, this.#lastSharers));
    return Math.min(wanted, Math.max(MIN_WINDOW, share));
  }

  take(size: number): void {
    this.#available -= size;
    if (!this.#isPaused && this.#available <= -this.#overdraft) {
      this.#isPaused = true;
      this.#link.pause();
    }
  }

  give(size: number): void {
    this.#available += size;
    if (this.#isPaused && this.#available > -this.#overdraft) {
      this.#isPaused = false;
      this.#link.resume();
    }
  }
}

/** Bytes: with less, a reader would spend more on updates than on reading. */
const MIN_WINDOW = 4096;
