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
