import { asapScheduler, asyncScheduler, Subscription } from 'rxjs';

/**
 * When something happens on a link: later, or at once, which is a turn of the asap scheduler. Those are microtasks, and two ends
 * that never stop answering each other would let nothing else run; so every now and then one of them takes a millisecond.
 */
export class Turns {
  #count = 0;
  #pause: Subscription | undefined;
  readonly #running = new Subscription();

  schedule(work: () => void, delay = 0): Subscription {
    if (delay > 0) return asyncScheduler.schedule(work, delay);
    if (this.#count === MAX_TURNS_IN_A_ROW) return asyncScheduler.schedule(work, 1);
    this.#count++;
    if (this.#count === MAX_TURNS_IN_A_ROW / 2) this.#lookForPause();
    return asapScheduler.schedule(work);
  }

  /** Happens once, unless the link has ended by then. */
  plan(work: () => void, delay: number): void {
    if (delay < Number.POSITIVE_INFINITY) this.#running.add(this.schedule(work, delay));
  }

  /** Both ends are gone. */
  stop(): void {
    this.#pause?.unsubscribe();
    this.#running.unsubscribe();
  }

  /** Timers run when the turns have stopped: in virtual time, too, those of the same moment come behind them. */
  #lookForPause(): void {
    this.#pause = asyncScheduler.schedule(() => {
      this.#count = 0;
    });
  }
}

const MAX_TURNS_IN_A_ROW = 1000;
