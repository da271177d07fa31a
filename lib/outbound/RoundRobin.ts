import { Fifo } from '../queue/Fifo.js';

/** What the round robin asks of the things it queues. */
export interface RoundRobinRules<T> {
  readonly key: (item: T) => number;
  readonly size: (item: T) => number;
  /** Share of a key, at least 1; asked at each turn. */
  readonly weight: (key: number) => number;
}

/**
 * Deficit round robin (Shreedhar and Varghese, 1995): keys take turns, and each turn is worth the same number of bytes times the
 * weight of the key, whatever the size of its items. A turn that is not used up by an item too large for it is saved.
 */
export class RoundRobin<T> {
  /** Items that wait. */
  size = 0;
  readonly #rules: RoundRobinRules<T>;
  /** By key. Empty ones are kept while there are few: making one for each message would cost more than the message. */
  readonly #lanes = new Map<number, Lane<T>>();
  /** The lanes that wait for a turn, in order. */
  readonly #turns = new Fifo<Lane<T>>();
  /** The lane that is having its turn. */
  #current: Lane<T> | undefined;

  constructor(rules: RoundRobinRules<T>) {
    this.#rules = rules;
  }

  push(item: T): void {
    const key = this.#rules.key(item);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { key, items: new Fifo(), deficit: 0 };
      this.#lanes.set(key, lane);
    }
    if (lane.items.size === 0) this.#turns.push(lane);
    lane.items.push(item);
    this.size++;
  }

  /** Takes the next item. */
  shift(): T | undefined {
    for (let lane = this.#current ?? this.#nextTurn(); lane; lane = this.#nextTurn()) {
      const item = lane.items.peek();
      if (item === undefined) continue; // dropped while it waited
      const size = this.#rules.size(item);
      if (size <= lane.deficit) {
        lane.items.shift();
        lane.deficit -= size;
        this.size--;
        if (lane.items.size === 0) this.#retire(lane);
        return item;
      }
      this.#turns.push(lane);
    }
    return undefined;
  }

  /** Throws away what waits for a key, and forgets the key. Its lane is passed over when its turn comes. */
  drop(key: number): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined) return;
    this.size -= lane.items.size;
    lane.items = new Fifo();
    this.#lanes.delete(key);
    if (this.size === 0) this.shift(); // there may be no next turn
  }

  #nextTurn(): Lane<T> | undefined {
    this.#current = this.#turns.shift();
    if (this.#current === undefined) return undefined;
    const weight = this.#rules.weight(this.#current.key);
    // Turns worth nothing would go round for ever.
    if (!(weight >= 1)) throw new RangeError(`a weight must be at least 1, got ${weight}`);
    this.#current.deficit += QUANTUM * weight;
    return this.#current;
  }

  /** A lane is empty. It saves nothing up: it would burst later. */
  #retire(lane: Lane<T>): void {
    this.#current = undefined;
    lane.deficit = 0;
    if (this.#lanes.size > MAX_KEPT) this.#lanes.delete(lane.key);
  }
}

interface Lane<T> {
  readonly key: number;
  /** With none, the lane waits for no turn, unless it was dropped. */
  items: Fifo<T>;
  deficit: number;
}

/** Bytes a turn is worth: small enough to interleave streams within one batch, large enough to keep turns cheap. */
const QUANTUM = 16_384;
/** Lanes. */
const MAX_KEPT = 1024;
