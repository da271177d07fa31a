import { type Metric } from '../metrics.js';
import { PEERS } from '../peerNames.js';
import { type Line } from './lines.js';

/** A picture of the ratios to raw, as SVG: a panel for each metric, a bar for each peer, a line where the target is. */
export function plotOf(lines: readonly Line[]): string {
  const compared = lines.filter(({ metric: { against }, ratio }) => {
    return against !== undefined && 'peer' in against && against.peer === 'raw' && ratio !== undefined;
  });
  const panels = [...new Set(compared.map(({ metric }) => metric))];
  const height = HEADER + Math.ceil(panels.length / COLUMNS) * PANEL_HEIGHT;
  const drawn = panels.map((metric, index) => {
    const x = (index % COLUMNS) * PANEL_WIDTH;
    const y = HEADER + Math.floor(index / COLUMNS) * PANEL_HEIGHT;
    const own = compared.filter((line) => line.metric === metric && line.peer !== 'raw');
    return `<g transform="translate(${x} ${y})">${panel(metric, own)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${COLUMNS * PANEL_WIDTH} ${height}" font-family="sans-serif" font-size="11">
<title>rx-smux and its peers beside a bare net.Socket</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="22" font-size="15" font-weight="bold">Ratio to a bare net.Socket</text>
<text x="12" y="40" fill="#555">dashed: the bar for rx-smux; ▲ more is better, ▼ less is better; bars that leave the picture are cut</text>
${drawn.join('\n')}
</svg>
`;
}

function panel(metric: Metric, lines: readonly Line[]): string {
  const target = Math.max(...Object.values(metric.bars), 0);
  // Those far beyond the target would leave nothing to be seen of the others.
  const largest = Math.max(1, target * 1.4, ...lines.map(({ ratio = 0 }) => Math.min(ratio, 4 * Math.max(1, target))));
  const width = (ratio: number) => (Math.min(ratio, largest) / largest) * BAR_WIDTH;
  const title = `${metric.row} ${metric.title} ${metric.isLowerBetter ? '▼' : '▲'}`;
  const bars = lines.map(({ peer, title: name, ratio = 0 }, index) => {
    const y = 26 + index * 15;
    const color = PEERS.find((candidate) => candidate.name === peer)?.color ?? '#999';
    return (
      `<text x="${LABEL_WIDTH - 4}" y="${y + 10}" text-anchor="end">${name}</text>` +
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${width(ratio).toFixed(1)}" height="12" fill="${color}"/>` +
      `<text x="${(LABEL_WIDTH + width(ratio) + 3).toFixed(1)}" y="${y + 10}" fill="#333">${ratio.toFixed(2)}</text>`
    );
  });
  const at = (LABEL_WIDTH + width(target)).toFixed(1);
  const line = `<line x1="${at}" x2="${at}" y1="22" y2="${28 + lines.length * 15}" stroke="#222" stroke-dasharray="3 2"/>`;
  return `<text x="12" y="14" font-weight="bold">${title}</text>${bars.join('')}${target > 0 ? line : ''}`;
}

const COLUMNS = 3;
const PANEL_WIDTH = 340;
const PANEL_HEIGHT = 160;
const HEADER = 52;
const LABEL_WIDTH = 128;
const BAR_WIDTH = 160;
