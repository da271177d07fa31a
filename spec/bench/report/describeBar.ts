import { type Line } from './lines.js';

/** The bar, and on which side of it the peer is; nothing where there is none. */
export function describeBar({ metric, bar, passes }: Line): string {
  return bar === undefined ? '' : `${metric.isLowerBetter ? '<=' : '>='} ${bar}  ${passes ? 'pass' : 'MISS'}`;
}
