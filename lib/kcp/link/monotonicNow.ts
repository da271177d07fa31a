/** Milliseconds of a clock that nobody sets; KCP takes them modulo 2^32. */
export function monotonicNow(): number {
  return Math.floor(performance.now());
}
