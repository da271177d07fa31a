/**
 * The IDs refused last. Data for one of them is answered, at most once between two flushes, so that its writer learns of it.
 *
 * A peer may be refused without end. Numbers in tables make no garbage of that: a log of refusals, and a hash table of where in
 * the log an ID stands last. Both only grow, until the log is full; then it is written anew, with what is still remembered.
 */
export class RefusedIds {
  /** The log, from 1 on. Nothing is allocated before the first refusal. */
  #ids = new Uint32Array(0);
  /** By place in the log: the flush before which it was last answered; 0 if the ID is forgotten, or stands further on too. */
  #answeredAt = new Float64Array(1);
  /** The hash table: places in the log; 0 for none. */
  #places = new Uint16Array(0);
  #oldest = 1;
  #end = 1;
  #count = 0;
  #flush = 1;

  add(streamId: number): void {
    if (this.#end >= this.#ids.length) this.#rewrite();
    const before = this.#placeOf(streamId);
    if (this.#answeredAt[before] === 0) this.#count++;
    this.#answeredAt[before] = 0;
    this.#append(streamId, this.#flush);
    if (this.#count <= MAX_REMEMBERED) return;
    while (this.#answeredAt[this.#oldest] === 0) this.#oldest++;
    this.#answeredAt[this.#oldest++] = 0;
    this.#count--;
  }

  /** The refusal should be repeated. */
  deservesAnswer(streamId: number): boolean {
    const place = this.#placeOf(streamId);
    const answeredAt = this.#answeredAt[place];
    if (answeredAt === 0 || answeredAt === this.#flush) return false;
    this.#answeredAt[place] = this.#flush;
    return true;
  }

  /** An answer for it waits to be sent. */
  isAnswering(streamId: number): boolean {
    return this.#answeredAt[this.#placeOf(streamId)] === this.#flush;
  }

  flushed(): void {
    this.#flush++;
  }

  /** Where an ID stands last in the log; 0 if it does not. */
  #placeOf(streamId: number): number {
    return this.#count === 0 ? 0 : (this.#places[this.#slotOf(streamId)] as number);
  }

  /** The slot of an ID, or the one it would get. There are twice as many slots as places. */
  #slotOf(streamId: number): number {
    let slot = Math.imul(streamId, MULTIPLIER) >>> (32 - SLOT_BITS);
    for (;;) {
      const place = this.#places[slot] as number;
      if (place === 0 || this.#ids[place] === streamId) return slot;
      slot = (slot + 1) % SLOTS;
    }
  }

  #append(streamId: number, answeredAt: number): void {
    this.#ids[this.#end] = streamId;
    this.#answeredAt[this.#end] = answeredAt;
    this.#places[this.#slotOf(streamId)] = this.#end++;
  }

  #rewrite(): void {
    if (this.#ids.length === 0) {
      this.#ids = new Uint32Array(PLACES);
      this.#answeredAt = new Float64Array(PLACES);
      this.#places = new Uint16Array(SLOTS);
    }
    const oldest = this.#oldest;
    const end = this.#end;
    this.#oldest = this.#end = 1;
    this.#places.fill(0);
    for (let place = oldest; place < end; place++) {
      const answeredAt = this.#answeredAt[place] as number;
      if (answeredAt !== 0) this.#append(this.#ids[place] as number, answeredAt);
    }
  }
}

const MAX_REMEMBERED = 1024;
const PLACES = 2 * MAX_REMEMBERED;
const SLOT_BITS = 12;
const SLOTS = 1 << SLOT_BITS;
/** Odd, and unknown to the peer, who could choose IDs that share one slot otherwise. */
const MULTIPLIER = (Math.random() * 0x1_0000_0000) | 1;
