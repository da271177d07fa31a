import { readFileSync } from 'node:fs';
import { type Metric } from '../metrics.js';
import { type PeerName } from '../peerNames.js';

/** The ratios of a result that was written with `--json`. */
export function recordedRatios(file: string | URL): (metric: Metric, peer: PeerName) => number | undefined {
  const { results } = JSON.parse(readFileSync(file, 'utf8')) as { readonly results: readonly Recorded[] };
  return ({ row, title }, peer) =>
    results.find((one) => one.row === row && one.title === title && one.peer === peer)?.ratio;
}

interface Recorded {
  readonly row: string;
  readonly title: string;
  readonly peer: string;
  readonly ratio?: number;
}
