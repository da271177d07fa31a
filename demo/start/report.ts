import { type Fairness } from './FairnessMeter.js';
import { type DemoFile } from './files.js';
import { formatSize, formatTime } from './format.js';

/** What became of one transfer. */
export interface Result {
  readonly file: DemoFile;
  readonly expected: string;
  readonly hash: string;
  readonly milliseconds: number;
}

export interface Figures {
  readonly results: readonly Result[];
  readonly milliseconds: number;
  /** TCP connections that the server has accepted. */
  readonly connectionCount: number;
  readonly streamCount: number;
  readonly fairness: Fairness | undefined;
  readonly bulkCount: number;
  /** Bytes, by process. */
  readonly memory: Readonly<Record<string, number | undefined>>;
  readonly exitCodes: readonly (number | null)[];
}

/** Everything arrived as it was sent, and as the demo says it does. */
export function isRight(figures: Figures): boolean {
  return (
    figures.results.every(isWhole) && figures.connectionCount === 1 && figures.exitCodes.every((code) => code === 0)
  );
}

export function reportOf(figures: Figures): string {
  const { results, milliseconds, connectionCount, streamCount, fairness, memory } = figures;
  const size = results.reduce((sum, { file }) => sum + file.size, 0);
  const wrong = results.filter((result) => !isWhole(result));
  const small = results.filter(({ file }) => file.size <= SMALL);
  const slowest = Math.max(...small.map((result) => result.milliseconds));
  const facts: readonly (readonly [string, string])[] = [
    ['streams', `${streamCount} through ${connectionCount} TCP connection${connectionCount === 1 ? '' : 's'}`],
    ['SHA-256', wrong.length === 0 ? `${results.length} of ${results.length} as expected` : `${wrong.length} WRONG`],
    ['throughput', `${formatSize(size)} in ${formatTime(milliseconds)}: ${formatSize((size * 1000) / milliseconds)}/s`],
    [
      'small files',
      `the ${small.length} of up to ${formatSize(SMALL)} took ${formatTime(slowest)} at most, beside all the others`,
    ],
    [
      'fairness',
      fairness && fairness.windows.length > 1 ? describe(fairness, figures.bulkCount) : 'too little time to tell',
    ],
    [
      'memory',
      `${Object.entries(memory)
        .map(([name, bytes]) => `${name} ${bytes === undefined ? 'unknown' : formatSize(bytes)}`)
        .join(', ')} at most`,
    ],
    ['end', `the commands were asked to end and exited with ${figures.exitCodes.join(' and ')}`],
  ];
  return [
    table(results),
    '',
    ...facts.map(([name, fact]) => `  ${name.padEnd(12)} ${fact}`),
    '',
    ...wrong.map(({ file, hash, expected }) => `  WRONG ${file.name}: SHA-256 is ${hash}, should be ${expected}`),
    isRight(figures) ? '  Everything arrived as it was sent.' : '  NOT everything is as it should be.',
  ].join('\n');
}

function table(results: readonly Result[]): string {
  const head = `  ${'file'.padEnd(10)}${'size'.padStart(9)}${'time'.padStart(10)}   SHA-256`;
  const rows = results.map((result) => {
    const { file, hash, milliseconds } = result;
    const time = formatTime(milliseconds).padStart(10);
    return `  ${file.name.padEnd(10)}${formatSize(file.size).padStart(9)}${time}   ${hash.slice(0, 16)} ${isWhole(result) ? '✓' : '✗ WRONG'}`;
  });
  return [head, ...rows].join('\n');
}

function describe({ index, seconds, windows }: Fairness, count: number): string {
  const time = `the ${seconds.toFixed(2)} s in which all ${count} bulk streams ran`;
  const sorted = [...windows].sort((a, b) => a - b);
  const [lowest = 1, median = 1] = [sorted[0], sorted[sorted.length >> 1]];
  const inWindows = `median ${median.toFixed(3)}, lowest ${lowest.toFixed(3)}`;
  return `Jain's index ${index.toFixed(4)} (1 is even) over ${time}; of each 0.1 s: ${inWindows}`;
}

function isWhole({ hash, expected }: Result): boolean {
  return hash === expected;
}

const SMALL = 100_000;
