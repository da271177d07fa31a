/** The value that `percent` of the values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1);
  return sorted[Math.max(0, index)] ?? Number.NaN;
}
