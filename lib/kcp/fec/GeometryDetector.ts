/** How many shards of each kind make a group. */
export interface Geometry {
  readonly dataShards: number;
  readonly parityShards: number;
}

/**
 * Finds out how a peer groups its shards, which may differ from how we do: from a whole group seen without a gap, between the end of
 * the one before and the beginning of the next.
 *
 * ```text
 * number  8 9 10 11 12 13 14 15
 * kind    p p  d  d  d  p  p  d
 *              └── 3 ─┘  └ 2 ┘└── a multiple of 5, as the beginning of a group is
 * ```
 *
 * Guessing sooner would take a parity shard for data, and what it makes of that for what the peer has sent.
 */
export class GeometryDetector {
  #last = -1;
  #wasParity = false;
  #dataFrom = -1;
  #parityFrom = -1;

  /** Returns the geometry once it is certain. */
  observe(number: number, isParity: boolean): Geometry | undefined {
    const isNext = number === this.#last + 1;
    let geometry: Geometry | undefined;
    if (!isNext) {
      this.#dataFrom = -1;
      this.#parityFrom = -1;
    } else if (isParity && !this.#wasParity) {
      this.#parityFrom = number;
    } else if (!isParity && this.#wasParity) {
      geometry = this.#measure(number);
      this.#dataFrom = number;
      this.#parityFrom = -1;
    }
    this.#last = number;
    this.#wasParity = isParity;
    return geometry;
  }

  #measure(end: number): Geometry | undefined {
    if (this.#dataFrom < 0 || this.#parityFrom < 0) return undefined;
    const dataShards = this.#parityFrom - this.#dataFrom;
    const parityShards = end - this.#parityFrom;
    const isWhole = dataShards + parityShards <= MAX_SHARDS && end % (dataShards + parityShards) === 0;
    return isWhole ? { dataShards, parityShards } : undefined;
  }
}

const MAX_SHARDS = 255;
