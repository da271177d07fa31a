import { Random } from './Random.js';

/**
 * The bytes of one direction of a stream, which follow from the direction and their place alone, so that nobody has to keep what
 * was written. Views of one table: nobody may write into them.
 * @param size at most {@link MAX_SIZE}
 */
export function pattern(direction: number, at: number, size: number): Uint8Array {
  const from = (direction * STRIDE + at) % PERIOD;
  return TABLE.subarray(from, from + size);
}

/** Whether bytes are those of a direction at a place. */
export function isPattern(bytes: Uint8Array, direction: number, at: number): boolean {
  return Buffer.compare(bytes, pattern(direction, at, bytes.length)) === 0;
}

/** Nobody has written into what `pattern` gave out. */
export function isPatternIntact(): boolean {
  return sumOf(TABLE) === SUM;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) | 0;
  return sum;
}

function makeTable(): Uint8Array {
  const random = new Random(1);
  const once = Uint8Array.from({ length: PERIOD }, () => random.between(0, 255));
  return Uint8Array.from({ length: PERIOD + MAX_SIZE }, (_, at) => once[at % PERIOD] as number);
}

/** Bytes. */
const MAX_SIZE = 1 << 20;
/** A prime, so that frames, windows and chunks that change places are found out. */
const PERIOD = 65_521;
const STRIDE = 7919;
const TABLE = makeTable();
const SUM = sumOf(TABLE);
