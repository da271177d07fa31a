import { writeFileSync } from 'node:fs';
import { endCommand } from './endCommand.js';
import { measurements } from './measurements.js';
import { metrics } from './metrics.js';
import { BENCH_HELP, type BenchOptions, benchOptions } from './options.js';
import { PEERS } from './peerNames.js';
import { progressLine } from './report/progress.js';
import { tableOf } from './report/table.js';
import { peersOf, roundsOf, runRounds } from './rounds.js';
import { Samples } from './Samples.js';

main(process.argv.slice(2));

function main(args: readonly string[]): void {
  let options: BenchOptions | 'help';
  try {
    options = benchOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n--help lists the flags.`);
    process.exit(2);
  }
  if (options === 'help') {
    console.log(BENCH_HELP);
    return;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
  bench(options).then(
    (isFine) => process.exit(isFine ? 0 : 1),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}

async function bench(options: BenchOptions): Promise<boolean> {
  const { only, peers: wanted, rounds, quick, json, profile } = options;
  const isWanted = (row: string) => only.length === 0 || only.includes(row);
  const chosen = measurements.filter(({ rows }) => rows.some(isWanted));
  const peers = PEERS.map(({ name }) => name).filter(
    (name) => name === 'raw' || wanted.length === 0 || wanted.includes(name),
  );
  const samples = new Samples();
  const runs = chosen.reduce(
    (sum, measurement) => sum + roundsOf(measurement, rounds) * peersOf(measurement, peers).length,
    0,
  );
  const progress = progressLine(runs);
  const command = () => endCommand(profile);
  await runRounds({ measurements: chosen, peers, rounds, scale: quick ? 0.125 : 1, command }, samples, progress);
  progress.stop();

  const shown = metrics.filter(({ row }) => isWanted(row));
  console.log(tableOf(shown, samples));
  for (const { peer, title, message } of samples.failures) console.error(`${title} with ${peer} failed: ${message}`);
  if (json !== undefined) writeFileSync(json, JSON.stringify(shown, undefined, 2));
  return samples.failures.length === 0;
}
