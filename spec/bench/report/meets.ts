import { type Metric } from '../metrics.js';

/** Whether a ratio is on the right side of a bar; one that could not be measured is not. */
export function meets(metric: Metric, bar: number, ratio: number | undefined): boolean {
  if (ratio === undefined) return false;
  return metric.isLowerBetter ? ratio <= bar : ratio >= bar;
}
