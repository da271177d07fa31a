import { type Metric } from '../metrics.js';
import { PEERS, type PeerName } from '../peerNames.js';
import { type Samples } from '../Samples.js';
import { formatValue } from './format.js';
import { meets } from './meets.js';

/** The table of the terminal: value, ratio and bar of each peer, a line each. */
export function tableOf(metrics: readonly Metric[], samples: Samples): string {
  const lines = metrics.flatMap((metric) => {
    const rows = PEERS.flatMap(({ name, title }) => rowOf(metric, name, title, samples));
    return rows.length === 0 ? [] : [`${metric.row}  ${metric.title}`, ...rows, ''];
  });
  return lines.join('\n');
}

function rowOf(metric: Metric, peer: PeerName, title: string, samples: Samples): string[] {
  const value = samples.median(metric.value, peer);
  if (value === undefined) return [];
  const ratio = samples.ratio(metric, peer);
  const bar = metric.bars[peer];
  const sign = metric.isLowerBetter ? '<=' : '>=';
  const compared = comparison(metric, peer, ratio);
  const judged = bar === undefined ? '' : `${sign} ${bar}  ${meets(metric, bar, ratio) ? 'pass' : 'MISS'}`;
  return [
    `    ${title.padEnd(18)}${formatValue(value, metric.format).padStart(16)}  ${compared.padStart(18)}  ${judged}`.trimEnd(),
  ];
}

/** How a peer compares, in words; nothing for what is compared with itself, or with nothing. */
export function comparison({ against }: Metric, peer: PeerName, ratio: number | undefined): string {
  if (against === undefined || ratio === undefined) return '';
  if ('peer' in against) return against.peer === peer ? '' : `${ratio.toFixed(2)} x ${against.peer}`;
  return `${ratio.toFixed(2)} x ${against.title}`;
}
