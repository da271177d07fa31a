import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Presets, SingleBar } from 'cli-progress';
import { resolveOptions } from '../../../lib/options.js';
import { MuxSession } from '../../../lib/session/MuxSession.js';
import { describeHistory } from './describeHistory.js';
import { type Found, type Hunt } from './Hunt.js';
import { randomHistory } from './randomHistory.js';
import { simulate } from './simulate.js';

const HELP = `Plays random histories of two sessions in virtual time and checks what must be true of them.

  npm run simulate -- --seeds 2000            histories to play
                      --from 1                the first seed
                      --jobs 2                how many at a time
                      --trace                 plays only the first seed, and tells all that happens
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [seeds, from, jobs] = [values.seeds, values.from, values.jobs].map(Number) as [number, number, number];
if (values.help) process.stdout.write(HELP);
else if (values.trace) trace(from);
else if ([seeds, jobs].every((count) => count >= 1) && Number.isInteger(from)) await hunt();
else process.stderr.write(HELP);

/** Plays one history aloud. */
function trace(seed: number): void {
  const history = randomHistory(seed);
  process.stdout.write(`${describeHistory(history)}\n\n`);
  simulate(history, { MuxSession, resolveOptions }, { trace: (words) => void process.stdout.write(`${words}\n`) });
}

async function hunt(): Promise<void> {
  const format = '{value} of {total} histories | {rate}/s | {eta_formatted} to go | {found} found';
  const bar = new SingleBar({ format, noTTYOutput: true, notTTYSchedule: 10_000, etaBuffer: 500 }, Presets.legacy);
  const startedAt = performance.now();
  let played = 0;
  let found = 0;
  const rate = () => Math.round((played / (performance.now() - startedAt)) * 1000);
  const take = (news: Found) => {
    played += news.played;
    if (news.report !== undefined) {
      found++;
      process.stdout.write(`\n${news.report}\n\n`);
    }
    bar.update(played, { rate: rate(), found });
  };
  bar.start(seeds, 0, { rate: 0, found: 0 });
  await Promise.all(Array.from({ length: jobs }, (_, job) => start(job, take)));
  bar.stop();
  process.stdout.write(`${played} histories, ${rate()} a second, ${found} broke a rule\n`);
  if (found > 0 || played !== seeds) process.exitCode = 1;
}

async function start(job: number, take: (news: Found) => void): Promise<void> {
  const workerData: Hunt = { from: from + job, to: from + seeds - 1, step: jobs };
  const resourceLimits = { maxYoungGenerationSizeMb: 64 };
  const worker = new Worker(new URL('./hunter.js', import.meta.url), { workerData, resourceLimits });
  worker.on('message', take);
  await once(worker, 'exit');
}
