/** Something that happens later, once or again and again. */
export interface Timer {
  /** Milliseconds. */
  at: number;
  readonly handle: number;
  work: () => void;
  readonly period: number | undefined;
  isCleared: boolean;
  /** Since when it waits for `at`, as a count: of two timers for one moment the older one goes first. */
  order?: number;
}

/** Timers, the next one first. */
export class TimerHeap {
  readonly #timers: Timer[] = [];
  #order = 0;

  peek(): Timer | undefined {
    return this.#timers[0];
  }

  push(timer: Timer): void {
    timer.order = ++this.#order;
    let at = this.#timers.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#timers[parent] as Timer;
      if (!isBefore(timer, above)) break;
      this.#timers[at] = above;
      at = parent;
    }
    this.#timers[at] = timer;
  }

  shift(): void {
    const last = this.#timers.pop();
    const { length } = this.#timers;
    if (last === undefined || length === 0) return;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      const right = this.#timers[child + 1];
      if (right !== undefined && isBefore(right, this.#timers[child] as Timer)) child++;
      const below = this.#timers[child] as Timer;
      if (!isBefore(below, last)) break;
      this.#timers[at] = below;
      at = child;
    }
    this.#timers[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && (a.order as number) < (b.order as number));
}
