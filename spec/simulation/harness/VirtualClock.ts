import { asapScheduler, asyncScheduler } from 'rxjs';
import { dateTimestampProvider } from 'rxjs/internal/scheduler/dateTimestampProvider';
import { immediateProvider } from 'rxjs/internal/scheduler/immediateProvider';
import { intervalProvider } from 'rxjs/internal/scheduler/intervalProvider';
import { timeoutProvider } from 'rxjs/internal/scheduler/timeoutProvider';
import { type TimerHandle } from 'rxjs/internal/scheduler/timerHandle';
import { type Timer, TimerHeap } from './TimerHeap.js';
import { Violation } from './Violation.js';

/**
 * Time for RxJS that passes only when it is told to: the schedulers stay as they are and take turns and timers from here instead
 * of from the platform, as inside `TestScheduler.run`. That one sorts all its actions whenever one is added; this one has a heap.
 */
export class VirtualClock {
  /** Milliseconds. */
  now = 0;
  /** What has happened so far. */
  events = 0;
  /** What the harness itself still has to do. */
  planned = 0;
  readonly #maxEvents: number;
  readonly #afterEvent: () => void;
  readonly #heap = new TimerHeap();
  readonly #turns = new Map<number, () => void>();
  readonly #timers = new Map<number, Timer>();
  #lastHandle = 0;

  /** @param afterEvent called after each thing that happens */
  constructor(maxEvents: number, afterEvent: () => void) {
    this.#maxEvents = maxEvents;
    this.#afterEvent = afterEvent;
  }

  /** Runs `work`, and all that it makes RxJS schedule, in this clock's time. */
  rule<T>(work: () => T): T {
    const setTimer = (handler: () => void, delay = 0) => this.#setTimer(handler, delay, false);
    const clearTimer = (handle: TimerHandle) => this.#clearTimer(handle as number);
    dateTimestampProvider.delegate = this.#timestamps;
    immediateProvider.delegate = {
      setImmediate: (handler: () => void) => {
        this.#turns.set(++this.#lastHandle, handler);
        return this.#lastHandle;
      },
      clearImmediate: (handle: TimerHandle) => void this.#turns.delete(handle as number),
    };
    intervalProvider.delegate = {
      setInterval: (handler: () => void, delay = 0) => this.#setTimer(handler, delay, true),
      clearInterval: clearTimer,
    };
    timeoutProvider.delegate = { setTimeout: setTimer, clearTimeout: clearTimer };
    try {
      return work();
    } finally {
      dateTimestampProvider.delegate = undefined;
      immediateProvider.delegate = undefined;
      intervalProvider.delegate = undefined;
      timeoutProvider.delegate = undefined;
      forgetPending();
    }
  }

  /** Plans something that the harness does. */
  plan(delay: number, work: () => void): void {
    this.planned++;
    this.#setTimer(
      () => {
        this.planned--;
        work();
      },
      delay,
      false,
    );
  }

  /** Nothing more happens at this moment but timers. */
  get isQuiet(): boolean {
    return this.#turns.size === 0;
  }

  /** Turns and timers that are still to come. */
  get pending(): number {
    return this.#turns.size + this.#timers.size;
  }

  /**
   * Lets time pass until `isDone`, asked after each event, or until nothing is left to happen.
   * @param limit how much time may pass, in milliseconds
   * @returns whether it was done
   */
  pass(limit: number, isDone: () => boolean): boolean {
    const end = this.now + limit;
    while (!isDone()) {
      const work = this.#nextTurn() ?? this.#nextTimer(end);
      if (work === undefined) return isDone();
      if (++this.events > this.#maxEvents) {
        throw new Violation('livelock', `more than ${this.#maxEvents} events by ${this.now} ms`);
      }
      work();
      this.#afterEvent();
    }
    return true;
  }

  readonly #timestamps = { now: () => this.now };

  /** A turn comes before all timers, as a microtask does. */
  #nextTurn(): (() => void) | undefined {
    for (const [handle, work] of this.#turns) {
      this.#turns.delete(handle);
      return work;
    }
    return undefined;
  }

  #nextTimer(end: number): (() => void) | undefined {
    for (let timer = this.#heap.peek(); timer !== undefined; timer = this.#heap.peek()) {
      if (timer.isCleared) {
        this.#heap.shift();
        continue;
      }
      if (timer.at > end) {
        this.now = end;
        return undefined;
      }
      this.#heap.shift();
      this.now = timer.at;
      if (timer.period === undefined) {
        this.#timers.delete(timer.handle);
      } else {
        timer.at += Math.max(1, timer.period);
        this.#heap.push(timer);
      }
      return timer.work;
    }
    return undefined;
  }

  #setTimer(work: () => void, delay: number, isRepeated: boolean): number {
    const handle = ++this.#lastHandle;
    const timer = { at: this.now + delay, handle, work, period: isRepeated ? delay : undefined, isCleared: false };
    this.#timers.set(handle, timer);
    this.#heap.push(timer);
    return handle;
  }

  #clearTimer(handle: number): void {
    const timer = this.#timers.get(handle);
    if (timer === undefined) return;
    timer.isCleared = true;
    timer.work = nothing; // so that what it would have worked on can be collected
    this.#timers.delete(handle);
  }
}

function nothing(): void {}

/** A history that was given up leaves turns behind which will never come; the schedulers would wait for them for ever. */
function forgetPending(): void {
  for (const scheduler of [asapScheduler, asyncScheduler]) {
    scheduler.actions.length = 0;
    Object.assign(scheduler, { _active: false, _scheduled: undefined });
  }
}
