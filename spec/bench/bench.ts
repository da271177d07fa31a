// The benchmark: see BENCH_HELP in options.ts, and the README.

import { writeFileSync } from 'node:fs';
import { measurements } from './measurements.js';
import { BENCH_HELP, type BenchOptions, benchOptions } from './options.js';
import { PEERS, type PeerName } from './peerNames.js';
import { prepare } from './prepare.js';
import { insertMarkdown } from './report/insertMarkdown.js';
import { jsonOf } from './report/json.js';
import { linesOf } from './report/lines.js';
import { markdownOf } from './report/markdown.js';
import { plotOf } from './report/plot.js';
import { recordedRatios } from './report/recordedRatios.js';
import { tableOf } from './report/table.js';
import { runRounds } from './rounds.js';
import { Samples } from './Samples.js';

/** A tenth of the work is too little for good figures, and enough to see what is broken. */
const QUICK_SCALE = 0.1;
/** What the README shows. */
const RECORD = new URL('../../spec/bench/results.json', import.meta.url);

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
  // Exits, so that the ends see the end of their input and go too.
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
  const { only, rounds, quick, json, markdown, plot } = options;
  const { commands, missing } = prepare(wantedPeers(options), options.profile);
  for (const one of missing) console.log(`Left out: ${one}`);

  const isWanted = (row: string) => only.length === 0 || only.includes(row);
  const chosen = measurements.filter(({ rows, isLong = false }) => rows.some(isWanted) && !(quick && isLong));
  const reached = recordedRatios(RECORD);
  const samples = new Samples();
  const run = { commands, rounds, scale: quick ? QUICK_SCALE : 1 };
  await runRounds({ ...run, measurements: chosen }, samples);
  if (quick) {
    // Something else may have kept the machine busy: what looks bad is measured again.
    const rows = linesOf(samples, isWanted, reached).flatMap(({ metric, isGrosslyOff }) =>
      isGrosslyOff ? [metric.row] : [],
    );
    const doubtful = chosen.filter((one) => one.place !== 'virtual time' && one.rows.some((row) => rows.includes(row)));
    await runRounds({ ...run, measurements: doubtful, firstRound: rounds, rounds: 2 }, samples);
  }

  const lines = linesOf(samples, isWanted, reached);
  console.log(tableOf(lines));
  for (const { peer, title, message } of samples.failures) console.log(`\n${title} with ${peer} failed: ${message}`);
  if (json !== undefined) writeFileSync(json, jsonOf(lines, samples, rounds, missing));
  if (markdown !== undefined) insertMarkdown(markdown, markdownOf(lines, rounds));
  if (plot !== undefined) writeFileSync(plot, plotOf(lines));

  const off = quick ? lines.filter(({ isGrosslyOff }) => isGrosslyOff) : [];
  for (const { metric, title } of off)
    console.error(`${metric.row} ${metric.title}: ${title} is not even half as good as it shall be, or has been`);
  return off.length === 0 && !samples.failures.some(({ peer }) => isOurs(peer));
}

function wantedPeers({ quick, peers }: BenchOptions): PeerName[] {
  return PEERS.map(({ name }) => name).filter((name) => {
    if (name === 'raw') return true;
    if (peers.length > 0) return peers.includes(name);
    return !quick || isOurs(name);
  });
}

function isOurs(peer: PeerName): boolean {
  return peer === 'raw' || peer.startsWith('rx-smux');
}
