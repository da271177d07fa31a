/**
 * How evenly streams share a link while all of them run: from the moment when the last one has its first bytes to the moment when
 * the first one has its last. Before and after, there is nobody to share with.
 *
 * Jain's index, (Σx)² / (n·Σx²), is 1 when all get the same and 1/n when one gets everything.
 */
export class FairnessMeter {
  readonly #goal: number;
  readonly #bytes: number[];
  #start: Snapshot | undefined;
  #windowStart: Snapshot | undefined;
  #end: Snapshot | undefined;
  readonly #windows: number[] = [];

  /** @param count of the streams @param goal bytes of each */
  constructor(count: number, goal: number) {
    this.#goal = goal;
    this.#bytes = new Array<number>(count).fill(0);
  }

  /** @param time in milliseconds */
  update(stream: number, bytes: number, time: number): void {
    this.#bytes[stream] = bytes;
    if (this.#end) return;
    if (!this.#start) {
      if (this.#bytes.every((count) => count > 0)) this.#start = this.#windowStart = this.#snapshot(time);
      return;
    }
    if (this.#windowStart && time - this.#windowStart.time >= WINDOW) {
      const now = this.#snapshot(time);
      this.#windows.push(jain(now.bytes.map((count, at) => count - (this.#windowStart?.bytes[at] ?? 0))));
      this.#windowStart = now;
    }
    if (bytes >= this.#goal) this.#end = this.#snapshot(time);
  }

  get result(): Fairness | undefined {
    const [start, end] = [this.#start, this.#end];
    if (!start || !end) return undefined;
    return {
      index: jain(end.bytes.map((count, at) => count - (start.bytes[at] ?? 0))),
      seconds: (end.time - start.time) / 1000,
      windows: this.#windows,
    };
  }

  #snapshot(time: number): Snapshot {
    return { time, bytes: [...this.#bytes] };
  }
}

export interface Fairness {
  /** Over the whole time in which all streams ran. */
  readonly index: number;
  readonly seconds: number;
  /** Over each tenth of a second of it. */
  readonly windows: readonly number[];
}

export function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}

interface Snapshot {
  readonly time: number;
  readonly bytes: readonly number[];
}

// Milliseconds.
const WINDOW = 100;
