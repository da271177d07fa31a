import { type Metric } from '../metrics.js';
import { PEERS } from '../peerNames.js';
import { formatValue } from './format.js';
import { type Line } from './lines.js';
import { machine } from './machine.js';

/** The table of the README: a row for each metric, a column for each peer; bold where there is a bar and it is met. */
export function markdownOf(lines: readonly Line[], rounds: number): string {
  const peers = PEERS.filter(({ name }) => lines.some(({ peer }) => peer === name));
  const metrics = [...new Set(lines.map(({ metric }) => metric))];
  const rows = metrics.map((metric) => {
    const cells = peers.map(({ name }) => cellOf(lines.find((line) => line.metric === metric && line.peer === name)));
    return [metric.row, metric.title, barOf(metric), ...cells];
  });
  const head = ['', '', 'bar', ...peers.map(({ title }) => title)];
  const { node, system, processor, cores } = machine();
  return [
    ...[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `Medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}; ratios to the first column in the same round. Node ${node}, ${system}, ${cores} cores of ${processor}.`,
    '',
  ].join('\n');
}

function cellOf(line: Line | undefined): string {
  if (!line) return '–';
  const { metric, peer, value, ratio, passes } = line;
  const isCompared = metric.against !== undefined && !('peer' in metric.against && metric.against.peer === peer);
  const text = isCompared && ratio !== undefined ? ratio.toFixed(2) : formatValue(value, metric.format);
  return passes ? `**${text}**` : text;
}

function barOf({ bars, isLowerBetter }: Metric): string {
  const values = [...new Set(Object.values(bars))];
  return values.length === 0 ? '' : `${isLowerBetter ? '≤' : '≥'} ${values.join(', ')}`;
}
