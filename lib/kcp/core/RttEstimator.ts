/** How long a round trip takes, and after what silence a segment counts as lost. Integer milliseconds. */
export class RttEstimator {
  /** Smoothed; 0 before the first sample. */
  rtt = 0;
  rto = DEFAULT_RTO;
  #variation = 0;
  readonly #interval: number;
  readonly #minRto: number;

  constructor({ interval, minRto }: { readonly interval: number; readonly minRto: number }) {
    this.#interval = interval;
    this.#minRto = minRto;
  }

  sample(rtt: number): void {
    if (this.rtt === 0) {
      this.rtt = Math.max(1, rtt);
      this.#variation = rtt >> 1;
    } else {
      const difference = rtt - this.rtt;
      // A sample far below the average is good news, which shall hardly make the timeout longer.
      const shift = rtt < this.rtt - this.#variation ? 5 : 2;
      this.rtt = Math.max(1, this.rtt + (difference >> 3));
      this.#variation += (Math.abs(difference) - this.#variation) >> shift;
    }
    // The peer may hold an acknowledgement back for an interval.
    const rto = this.rtt + Math.max(this.#interval, this.#variation << 2);
    this.rto = Math.min(MAX_RTO, Math.max(this.#minRto, rto));
  }
}

const DEFAULT_RTO = 200;
const MAX_RTO = 60_000;
