import { serialDiff } from './serialDiff.js';

/** When to ask a peer whose window is closed whether it has opened: the news of it may have been lost. */
export class WindowProbe {
  #wait = 0;
  #at = 0;

  /** When to ask next; undefined while the window is open. Milliseconds, modulo 2^32. */
  get at(): number | undefined {
    return this.#wait === 0 ? undefined : this.#at;
  }

  /** Returns whether to ask now. @param isClosed the peer's window */
  update(isClosed: boolean, now: number): boolean {
    if (!isClosed) {
      this.#wait = 0;
      return false;
    }
    if (this.#wait === 0) {
      this.#wait = FIRST_WAIT;
      this.#at = (now + FIRST_WAIT) >>> 0;
      return false;
    }
    if (serialDiff(now, this.#at) < 0) return false;
    this.#wait = Math.min(MAX_WAIT, this.#wait * 1.5);
    this.#at = (now + this.#wait) >>> 0;
    return true;
  }
}

const FIRST_WAIT = 500;
const MAX_WAIT = 120_000;
