import { describeBar } from './describeBar.js';
import { describeRatio } from './describeRatio.js';
import { formatValue } from './format.js';
import { type Line } from './lines.js';

/** The table of the terminal: value, ratio and bar of each peer, a line each. */
export function tableOf(lines: readonly Line[]): string {
  return lines
    .map((line, index) => {
      const { metric, title, value } = line;
      const isFirst = lines[index - 1]?.metric !== metric;
      const heading = isFirst ? `${index > 0 ? '\n' : ''}${metric.row}  ${metric.title}\n` : '';
      const columns = [
        title.padEnd(22),
        formatValue(value, metric.format).padStart(14),
        describeRatio(line).padStart(20),
        describeBar(line),
      ];
      return `${heading}    ${columns.join('  ').trimEnd()}`;
    })
    .join('\n');
}
