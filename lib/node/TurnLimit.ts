/**
 * Counts what a link has taken since the event loop last turned. A link that is faster than its source never says that
 * it is full, and a source that is never told to wait would keep the event loop for itself until it ends.
 */
export class TurnLimit {
  readonly #turned: () => void;
  #taken = 0;

  /** @param turned called when something else has had its turn */
  constructor(turned: () => void) {
    this.#turned = turned;
  }

  /** Enough for now: more should wait for `turned`. */
  get isUsedUp(): boolean {
    return this.#taken >= LIMIT;
  }

  take(size: number): void {
    if (this.#taken === 0) {
      setImmediate(() => {
        this.#taken = 0;
        this.#turned();
      });
    }
    this.#taken += size;
  }
}

/** Bytes: two batches of a session. */
const LIMIT = 256 * 1024;
