import { type SchedulerAction, type Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** A TestScheduler that has expectations of other kinds too. */
export class VirtualTime extends TestScheduler {
  #checks: (() => void)[] = [];

  /** Checks once, when time has passed. */
  checkAtEnd(check: () => void): void {
    this.#checks.push(check);
  }

  /** In milliseconds of virtual time, which `flush` does not pass. */
  stopAt(moment: number): void {
    this.maxFrames = moment;
  }

  override flush(): void {
    super.flush();
    for (const check of this.#checks.splice(0)) check();
  }

  /**
   * RxJS 7.8 schedules one turn for each timer and lets immediates have it first; a timer that such an immediate clears leaves a
   * turn too many, which must be nobody's rather than an error.
   */
  override schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    return super.schedule<T>(
      function (this: SchedulerAction<T>, argument?: T) {
        try {
          work.call(this, argument);
        } catch (error) {
          if (!(error instanceof Error && error.message === NOTHING_DUE)) throw error;
        }
      },
      delay,
      state,
    );
  }
}

const NOTHING_DUE = 'Expected a due immediate or interval';
