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
  readonly #rules: RoundRobinRules<T>;
  readonly #lanes = new Map<number, Lane<T>>();
  /** The lanes that wait, in the order of their turns; the first one is having its turn. */
  readonly #turns = new Fifo<Lane<T>>();
  /** Empty lanes that are kept: making one for each message would cost more than the message. */
  #idle = 0;
  #size = 0;

  constructor(rules: RoundRobinRules<T>) {
    this.#rules = rules;
  }

  /** Items that wait. */
  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    const key = this.#rules.key(item);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { key, items: new Fifo(), deficit: 0, isOnTurn: false, isIdle: false, isDropped: false };
      this.#lanes.set(key, lane);
      this.#turns.push(lane);
    } else if (lane.isIdle) {
      lane.isIdle = false;
      this.#idle--;
      this.#turns.push(lane);
    }
    lane.isDropped = false;
    lane.items.push(item);
    this.#size++;
  }

  /** Takes the next item. */
  shift(): T | undefined {
    for (;;) {
      const lane = this.#turns.peek();
      if (lane === undefined) return undefined;
      const item = lane.items.peek();
      if (item === undefined) {
        this.#retire(lane); // dropped while it waited
        continue;
      }
      if (!lane.isOnTurn) {
        const weight = this.#rules.weight(lane.key);
        // Turns worth nothing would go round for ever.
        if (!(weight >= 1)) throw new RangeError(`a weight must be at least 1, got ${weight}`);
        lane.isOnTurn = true;
        lane.deficit += QUANTUM * weight;
      }
      const size = this.#rules.size(item);
      if (size > lane.deficit) {
        lane.isOnTurn = false;
        this.#turns.shift();
        this.#turns.push(lane);
        continue;
      }
      lane.deficit -= size;
      lane.items.shift();
      this.#size--;
      if (lane.items.size === 0) this.#retire(lane);
      return item;
    }
  }

  /** Throws away what waits for a key, and forgets the key. */
  drop(key: number): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined) return;
    this.#size -= lane.items.size;
    lane.items = new Fifo();
    // One that waits keeps its place, so that a key that is dropped again and again takes only one.
    lane.isDropped = true;
    if (lane.isIdle) this.#forget(lane);
    if (this.#size === 0) this.shift(); // nothing waits: lets go of such places
  }

  /** The lane having its turn is empty. It saves nothing up: it would burst later. */
  #retire(lane: Lane<T>): void {
    this.#turns.shift();
    lane.isOnTurn = false;
    lane.deficit = 0;
    lane.isIdle = true;
    this.#idle++;
    if (lane.isDropped || this.#idle > MAX_IDLE) this.#forget(lane);
  }

  #forget(lane: Lane<T>): void {
    this.#idle--;
    this.#lanes.delete(lane.key);
  }
}

interface Lane<T> {
  readonly key: number;
  items: Fifo<T>;
  deficit: number;
  isOnTurn: boolean;
  isIdle: boolean;
  /** Its key is not expected to come again. */
  isDropped: boolean;
}

/** Bytes a turn is worth: small enough to interleave streams within one batch, large enough to keep turns cheap. */
const QUANTUM = 16_384;
const MAX_IDLE = 1024;
