/** What passed between the end of the warm-up and the end of the measurement. */
export interface Reading {
  readonly seconds: number;
  /** CPU time of this process, in seconds: user and system. */
  readonly cpu: number;
}

/** Counts bytes or messages; leaves out the first of them, until everything is warm. */
export class Meter {
  readonly reading: Promise<Reading>;
  #resolve!: (reading: Reading) => void;
  readonly #size: number;
  readonly #enough: number;
  #count = 0;
  #next: number;
  #started: (() => void) | undefined;
  #start = 0;
  #cpuStart: NodeJS.CpuUsage | undefined;

  /** @param started called when the warm-up is over */
  constructor(warmUp: number, size: number, started: () => void = () => undefined) {
    this.#next = warmUp;
    this.#size = size;
    this.#enough = 1.2 * (warmUp + size);
    this.#started = started;
    this.reading = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** So much more has been counted that the other end must have its reading too. */
  get hasEnough(): boolean {
    return this.#count > this.#enough;
  }

  add(count: number): void {
    this.#count += count;
    if (this.#count >= this.#next) this.#pass();
  }

  #pass(): void {
    if (this.#started) {
      this.#started();
      this.#started = undefined;
      this.#next += this.#size;
      this.#start = performance.now();
      this.#cpuStart = process.cpuUsage();
      return;
    }
    const { user, system } = process.cpuUsage(this.#cpuStart);
    this.#next = Number.POSITIVE_INFINITY;
    this.#resolve({ seconds: (performance.now() - this.#start) / 1000, cpu: (user + system) / 1e6 });
  }
}
