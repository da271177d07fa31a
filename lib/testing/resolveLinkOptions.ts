import { type LinkDirection, type LinkOptions } from './linkedTransports.js';

/** Every option of a link, checked. */
export interface ResolvedLinkOptions {
  readonly aToB: Required<LinkDirection>;
  readonly bToA: Required<LinkDirection>;
  readonly breakAfterMs: number;
  readonly seed: number;
}

/**
 * Fills in the defaults; what is said of a direction goes before what is said of both.
 * @throws RangeError that names the field and what it may be
 */
export function resolveLinkOptions(options: LinkOptions): ResolvedLinkOptions {
  const { breakAfterMs = Number.POSITIVE_INFINITY, seed = 1 } = options;
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be an integer, got ${String(seed)}`);
  return {
    aToB: resolveDirection('aToB', options, options.aToB),
    bToA: resolveDirection('bToA', options, options.bToA),
    breakAfterMs: assertMoment('breakAfterMs', breakAfterMs),
    seed,
  };
}

function resolveDirection(name: string, both: LinkDirection, one: LinkDirection = {}): Required<LinkDirection> {
  const checked = <T>(field: keyof LinkDirection, assert: (field: string, value: T) => T, byDefault: T): T => {
    const [label, value] = one[field] === undefined ? [field, both[field]] : [`${name}.${field}`, one[field]];
    return assert(label, (value ?? byDefault) as T);
  };
  return {
    latency: checked('latency', assertDuration, 0),
    jitter: checked('jitter', assertDuration, 0),
    bandwidth: checked('bandwidth', assertRate, Number.POSITIVE_INFINITY),
    chunkSize: checked<number | 'random'>('chunkSize', assertChunkSize, Number.POSITIVE_INFINITY),
    sendBuffer: checked('sendBuffer', assertSize, Number.POSITIVE_INFINITY),
    silentAfterBytes: checked('silentAfterBytes', assertCount, Number.POSITIVE_INFINITY),
    silentAfterMs: checked('silentAfterMs', assertMoment, Number.POSITIVE_INFINITY),
    breakAfterBytes: checked('breakAfterBytes', assertCount, Number.POSITIVE_INFINITY),
  };
}

function assertDuration(field: string, value: number): number {
  return assert(field, value, value >= 0 && value <= MAX_DELAY, `a number of milliseconds from 0 to ${MAX_DELAY}`);
}

function assertMoment(field: string, value: number): number {
  const isGood = value === Number.POSITIVE_INFINITY || (value >= 0 && value <= MAX_DELAY);
  return assert(field, value, isGood, `a number of milliseconds from 0 to ${MAX_DELAY}, or Infinity`);
}

function assertRate(field: string, value: number): number {
  return assert(field, value, value > 0, 'a number of bytes a second above 0, or Infinity');
}

function assertChunkSize(field: string, value: number | 'random'): number | 'random' {
  const isGood = value === 'random' || isCount(value, 1);
  return assert(field, value, isGood, "'random', an integer of at least 1, or Infinity");
}

function assertSize(field: string, value: number): number {
  return assert(field, value, isCount(value, 1), 'an integer of at least 1, or Infinity');
}

function assertCount(field: string, value: number): number {
  return assert(field, value, isCount(value, 0), 'an integer of at least 0, or Infinity');
}

function isCount(value: number, from: number): boolean {
  return value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= from);
}

function assert<T>(field: string, value: T, isGood: boolean, allowed: string): T {
  const isNumberWhereItMustBe = typeof value === 'number' || value === 'random';
  if (!isNumberWhereItMustBe || !isGood) throw new RangeError(`${field} must be ${allowed}, got ${String(value)}`);
  return value;
}

/** The longest delay that a timer takes. */
const MAX_DELAY = 0x7fffffff;
