/**
 * A number for each of the IDs noted last.
 *
 * A peer may be refused without end, so they stand in tables of numbers, which make no garbage: each ID in the place that its last
 * bits say, until another one needs it. Of a peer that counts its IDs up by two, as smux does, the last 2,048 are remembered.
 */
export class RecentIds {
  readonly #ids = new Uint32Array(PLACES);
  readonly #values = new Float64Array(PLACES);

  /** @returns `0` for an ID that was not noted, or has been forgotten */
  get(id: number): number {
    return this.#ids[id % PLACES] === id ? (this.#values[id % PLACES] as number) : 0;
  }

  set(id: number, value: number): void {
    this.#ids[id % PLACES] = id;
    this.#values[id % PLACES] = value;
  }
}

const PLACES = 4096;
