/**
 * The IDs refused last. Data for one of them is answered, at most once between two flushes, so that its writer learns of it.
 *
 * A peer may be refused without end, so they stand in tables of numbers, which make no garbage: each ID in the place that its last
 * bits say, until another one needs it. Of a peer that counts its IDs up by two, as smux does, the last 2,048 are remembered.
 */
export class RefusedIds {
  /** Nothing is allocated before the first refusal. */
  #ids = new Uint32Array(0);
  /** By place: the flush before which the ID was last answered; 0 for none. */
  #answeredAt = new Float64Array(0);
  #flush = 1;

  add(streamId: number): void {
    if (this.#ids.length === 0) {
      this.#ids = new Uint32Array(PLACES);
      this.#answeredAt = new Float64Array(PLACES);
    }
    this.#ids[streamId % PLACES] = streamId;
    this.#answeredAt[streamId % PLACES] = this.#flush;
  }

  /** The refusal should be repeated. */
  deservesAnswer(streamId: number): boolean {
    const answeredAt = this.#lookUp(streamId);
    if (answeredAt === 0 || answeredAt === this.#flush) return false;
    this.#answeredAt[streamId % PLACES] = this.#flush;
    return true;
  }

  /** An answer for it waits to be sent. */
  isAnswering(streamId: number): boolean {
    return this.#lookUp(streamId) === this.#flush;
  }

  flushed(): void {
    this.#flush++;
  }

  #lookUp(streamId: number): number {
    const place = streamId % PLACES;
    return this.#ids[place] === streamId ? (this.#answeredAt[place] as number) : 0;
  }
}

const PLACES = 4096;
