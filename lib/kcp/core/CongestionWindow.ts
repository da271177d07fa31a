/** How much may be under way for the sake of the network, as TCP Reno counts it: slow start, then one segment a round trip. */
export class CongestionWindow {
  /** Segments. */
  size = 1;
  #threshold = MIN_THRESHOLD;
  /** The size in bytes, which grows by fractions of a segment. */
  #bytes: number;
  readonly #segmentSize: number;

  constructor(segmentSize: number) {
    this.#segmentSize = segmentSize;
    this.#bytes = segmentSize;
  }

  /** Segments have arrived. @param limit the peer's window */
  acknowledged(limit: number): void {
    if (this.size >= limit) return;
    const segmentSize = this.#segmentSize;
    if (this.size < this.#threshold) {
      this.size++;
      this.#bytes += segmentSize;
    } else {
      this.#bytes = Math.max(this.#bytes, segmentSize);
      this.#bytes += Math.floor((segmentSize * segmentSize) / this.#bytes) + (segmentSize >> 4);
      if ((this.size + 1) * segmentSize <= this.#bytes) this.size = Math.ceil(this.#bytes / segmentSize);
    }
    if (this.size > limit) {
      this.size = limit;
      this.#bytes = limit * segmentSize;
    }
  }

  /** Later segments have arrived sooner: something was lost on the way. */
  skipped(underWay: number, fastResend: number): void {
    this.#threshold = Math.max(MIN_THRESHOLD, underWay >> 1);
    this.#set(this.#threshold + fastResend);
  }

  /** Nothing has arrived for long. @param window what was allowed to be under way */
  timedOut(window: number): void {
    this.#threshold = Math.max(MIN_THRESHOLD, window >> 1);
    this.#set(1);
  }

  #set(size: number): void {
    this.size = size;
    this.#bytes = size * this.#segmentSize;
  }
}

const MIN_THRESHOLD = 2;
