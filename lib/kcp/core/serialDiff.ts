/** How far `a` is ahead of `b`: both count modulo 2^32, and the shorter way round is meant. */
export function serialDiff(a: number, b: number): number {
  return (a - b) | 0; // to a signed 32-bit integer: that is the wrap
}
