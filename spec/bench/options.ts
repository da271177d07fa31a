import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Rows of the table; none means all. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly quick: boolean;
  /** Files to write. */
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  readonly plot: string | undefined;
  /** A folder. */
  readonly profile: string | undefined;
  /** Names of peers beside raw; none means all. */
  readonly peers: readonly string[];
}

/** @throws Error that says what is wrong */
export function benchOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      peers: { type: 'string', default: '' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      markdown: { type: 'string' },
      plot: { type: 'string' },
      'cpu-prof': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error(`--rounds must be 1 or more, got ${values.rounds}`);
  return {
    only: listOf(values.only),
    peers: listOf(values.peers),
    rounds,
    quick: values.quick,
    json: values.json,
    markdown: values.markdown,
    plot: values.plot,
    profile: values['cpu-prof'],
  };
}

function listOf(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

export const BENCH_HELP = `Measures rx-smux beside its peers: two processes over the loopback, medians over interleaved rounds.

Usage: npm run bench -- [flags]   or, when built,   node dist/bench/bench.js [flags]

  --only W1,W4      rows of the table (default all)
  --peers NAMES     peers beside net.Socket, such as rx-smux-2,http2 (default all that there are)
  --rounds COUNT    default 5
  --quick           a small run of net.Socket and rx-smux alone, which fails on what is worse than half a bar,
                    or than half of what is on record in spec/bench/results.json where no bar was reached
  --json FILE       writes what was measured
  --markdown FILE   writes the table, into its place where the file has one
  --plot FILE.svg   draws the ratios
  --cpu-prof DIR    keeps a CPU profile of each process
  --help            print this and exit

Exit codes: 0 done, 1 something could not be measured, or, with --quick, was far off; 2 bad usage.`;
