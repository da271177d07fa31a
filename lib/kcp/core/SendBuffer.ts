import { type Block } from './SendQueue.js';
import { serialDiff } from './serialDiff.js';

/** Why segments are sent again. */
export interface ResendRules {
  /** So many acknowledgements of later segments make a segment lost; 0: none do. */
  readonly fastResend: number;
  /** Whether a single one does, as nothing new can be sent. */
  readonly isEarly: boolean;
  /** Milliseconds. */
  readonly rto: number;
  /** What another timeout adds to the timeout of a segment, in milliseconds. */
  readonly backoff: number;
  /** Between two lots of timeouts, where there are many at once. Milliseconds. */
  readonly interval: number;
}

/**
 * Segments that are under way: a ring of plain numbers, so that a segment costs no allocation.
 *
 * ```text
 *   acknowledged │ under way, with acknowledged ones between │ not sent
 *                una                                         next
 * ```
 */
export class SendBuffer {
  /** All below it have arrived. */
  una: number;
  next: number;
  /** Segments between the two that have not been acknowledged. */
  unacknowledged = 0;
  /** Numbers that are due to be sent again, after {@link collectDue}. */
  readonly due: number[] = [];
  /** Of the last {@link collectDue}: how many because of a timeout, and how many sooner. */
  timeoutCount = 0;
  fastCount = 0;
  /** A segment has been passed by as often as it takes to be sent again. */
  isFastResendDue = false;
  /** A segment has been passed by. */
  isSkipped = false;
  /** Since {@link beginInput}: the segment that waited longest for its acknowledgement was sent so long ago, at the first go. */
  longestWait = -1;
  readonly #mask: number;
  readonly #blocks: (Block | undefined)[];
  readonly #sentAt: Uint32Array;
  readonly #timeoutAt: Uint32Array;
  readonly #timeout: Uint32Array;
  readonly #skips: Uint16Array;
  readonly #transmissions: Uint16Array;
  readonly #release: (block: Block) => void;
  /** None of the segments times out before. */
  #nextTimeoutAt = 0;
  #now = 0;

  /** @param window segments */
  constructor(window: number, first: number, release: (block: Block) => void) {
    const capacity = 2 ** Math.ceil(Math.log2(window));
    this.#mask = capacity - 1;
    this.#blocks = new Array<Block | undefined>(capacity).fill(undefined);
    this.#sentAt = new Uint32Array(capacity);
    this.#timeoutAt = new Uint32Array(capacity);
    this.#timeout = new Uint32Array(capacity);
    this.#skips = new Uint16Array(capacity);
    this.#transmissions = new Uint16Array(capacity);
    this.#release = release;
    this.una = first;
    this.next = first;
  }

  /** Segments from the first that is not acknowledged on. */
  get size(): number {
    return serialDiff(this.next, this.una);
  }

  /** Gives a block its number. The caller sees to it that there is room. */
  push(block: Block, now: number, rto: number): number {
    const number = this.next;
    const slot = number & this.#mask;
    this.#blocks[slot] = block;
    this.#timeout[slot] = rto;
    this.#skips[slot] = 0;
    this.#transmissions[slot] = 1;
    this.next = (number + 1) >>> 0; // wraps at 2^32
    this.unacknowledged++;
    if (this.size === 1) this.#nextTimeoutAt = (now + rto) >>> 0;
    this.#sent(slot, now);
    return number;
  }

  /** The block of a number that is under way; its time of sending is set to now. */
  blockOf(number: number): Block {
    return this.#blocks[number & this.#mask] as Block;
  }

  /** Transmissions of a number so far. */
  transmissionsOf(number: number): number {
    return this.#transmissions[number & this.#mask] as number;
  }

  /** When none times out before that; undefined where nothing is under way. Milliseconds, modulo 2^32. */
  get nextTimeoutAt(): number | undefined {
    return this.size === 0 ? undefined : this.#nextTimeoutAt;
  }

  /** Whether a number was sent at that time, the last time that it was. */
  wasSentAt(number: number, timestamp: number): boolean {
    return serialDiff(number, this.next) < 0 && this.#sentAt[number & this.#mask] === timestamp;
  }

  /** Before acknowledgements are taken. */
  beginInput(now: number): void {
    this.#now = now;
    this.longestWait = -1;
  }

  /** The peer has all below `una`. Returns how many are new; none where the peer cannot know the number. */
  acknowledgeBelow(una: number): number {
    const count = serialDiff(una, this.una);
    if (count <= 0 || count > this.size) return 0;
    let freed = 0;
    for (; this.una !== una; this.una = (this.una + 1) >>> 0) freed += this.#free(this.una & this.#mask);
    this.#skipAcknowledged();
    return freed;
  }

  /** The peer has this one. Returns whether that is new. */
  acknowledge(number: number): boolean {
    if (!this.#isUnderWay(number)) return false;
    const freed = this.#free(number & this.#mask);
    this.#skipAcknowledged();
    return freed > 0;
  }

  /** An acknowledgement has passed by those below it that were sent no later than what it acknowledges. */
  countSkips(number: number, timestamp: number, fastResend: number): void {
    const end = this.#isUnderWay(number) ? serialDiff(number, this.una) : 0;
    for (let offset = 0; offset < end; offset++) {
      const slot = (this.una + offset) & this.#mask;
      if (this.#blocks[slot] === undefined || serialDiff(this.#sentAt[slot] as number, timestamp) > 0) continue;
      this.isSkipped = true;
      const skips = Math.min(MAX_SKIPS, (this.#skips[slot] as number) + 1);
      this.#skips[slot] = skips;
      if (fastResend > 0 && skips >= fastResend) this.isFastResendDue = true;
    }
  }

  /** Finds what has to be sent again, and counts it as sent now. */
  collectDue(now: number, { fastResend, isEarly, rto, backoff, interval }: ResendRules): void {
    this.due.length = 0;
    this.timeoutCount = 0;
    this.fastCount = 0;
    const isTimeoutDue = this.size > 0 && serialDiff(now, this.#nextTimeoutAt) >= 0;
    if (!isTimeoutDue && !this.isFastResendDue && !(isEarly && this.isSkipped)) return;
    this.isFastResendDue = false;
    this.isSkipped = false;
    const size = this.size;
    this.#nextTimeoutAt = (now + MAX_TIMEOUT) >>> 0;
    for (let offset = 0; offset < size; offset++) {
      const number = (this.una + offset) >>> 0;
      const slot = number & this.#mask;
      if (this.#blocks[slot] === undefined) continue;
      const skips = this.#skips[slot] as number;
      const isLost = skips > 0 && (isEarly || (fastResend > 0 && skips >= fastResend));
      if (isLost) {
        this.fastCount++;
        this.#timeout[slot] = rto;
      } else if (serialDiff(now, this.#timeoutAt[slot] as number) >= 0) {
        if (this.timeoutCount === MAX_TIMEOUTS_AT_ONCE) {
          // The acknowledgements may be late rather than lost: the oldest ones will show.
          this.#timeoutAt[slot] = now + interval;
          this.#expectTimeout(slot);
          continue;
        }
        this.timeoutCount++;
        this.#timeout[slot] = Math.min(MAX_TIMEOUT, (this.#timeout[slot] as number) + backoff);
      } else {
        if (skips > 0) this.isSkipped = true;
        this.#expectTimeout(slot);
        continue;
      }
      this.#skips[slot] = 0;
      this.#transmissions[slot] = Math.min(0xffff, (this.#transmissions[slot] as number) + 1);
      this.#sent(slot, now);
      this.due.push(number);
    }
  }

  #sent(slot: number, now: number): void {
    this.#sentAt[slot] = now;
    this.#timeoutAt[slot] = now + (this.#timeout[slot] as number);
    this.#expectTimeout(slot);
  }

  #expectTimeout(slot: number): void {
    const at = this.#timeoutAt[slot] as number;
    if (serialDiff(at, this.#nextTimeoutAt) < 0) this.#nextTimeoutAt = at;
  }

  #isUnderWay(number: number): boolean {
    return serialDiff(number, this.una) >= 0 && serialDiff(number, this.next) < 0;
  }

  #free(slot: number): number {
    const block = this.#blocks[slot];
    if (block === undefined) return 0;
    this.#blocks[slot] = undefined;
    this.unacknowledged--;
    if (this.#transmissions[slot] === 1) {
      this.longestWait = Math.max(this.longestWait, serialDiff(this.#now, this.#sentAt[slot] as number));
    }
    this.#release(block);
    return 1;
  }

  #skipAcknowledged(): void {
    while (this.una !== this.next && this.#blocks[this.una & this.#mask] === undefined) {
      this.una = (this.una + 1) >>> 0; // wraps at 2^32
    }
  }
}

const MAX_SKIPS = 0xffff;
const MAX_TIMEOUT = 60_000;
const MAX_TIMEOUTS_AT_ONCE = 64;
