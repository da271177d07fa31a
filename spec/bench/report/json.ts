import { type Samples } from '../Samples.js';
import { type Line } from './lines.js';
import { machine } from './machine.js';

/** Everything, for programs. @param missing peers that were left out, and why */
export function jsonOf(lines: readonly Line[], samples: Samples, rounds: number, missing: readonly string[]): string {
  const results = lines.map(({ metric, peer, value, ratio, bar, passes }) => ({
    row: metric.row,
    title: metric.title,
    peer,
    value,
    unit: metric.format,
    against: metric.against,
    ratio,
    bar,
    passes,
    rounds: samples.rounds(metric.value, peer),
  }));
  return `${JSON.stringify({ machine: machine(), rounds, missing, failures: samples.failures, results }, undefined, 2)}\n`;
}
