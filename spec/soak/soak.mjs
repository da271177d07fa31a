// npm run soak -- --minutes N [--seed S] [--plot FILE.svg]: processes, mixed traffic, random faults, everything compared.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { plot } from './plot.mjs';
import { faultyProxy } from './proxy.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    plot: { type: 'string', default: 'soak.svg' },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new RangeError(`--minutes must be more than 0, got ${values.minutes}`);

const started = Date.now();
const samples = { server: [], client: [] };
const server = fork(new URL('server.mjs', import.meta.url));
const [{ port }] = await once(server, 'message');
const proxy = await faultyProxy(port, 1500);
const client = fork(new URL('client.mjs', import.meta.url), [String(proxy.port), values.seed, String(minutes)]);
let result;
for (const [name, child] of Object.entries({ server, client })) {
  child.on('message', (report) => {
    if (report.done) result = report;
    else samples[name].push({ at: (Date.now() - started) / 1000, ...report });
  });
}
await new Promise((resolve) => {
  client.on('message', ({ done }) => done && resolve());
  for (const child of [client, server]) child.on('exit', resolve);
});
await new Promise((resolve) => setTimeout(resolve, 6000)); // the server notices the last silence
proxy.stop();
const last = samples.server.at(-1);
client.kill('SIGKILL');
server.kill('SIGKILL');
writeFileSync(values.plot, plot(samples));

const { whole = 0, broken = 0, bytes = 0, streams = -1 } = result ?? {};
console.log(
  `${whole} streams whole, ${broken} lost with their session, ${(bytes / 1e6).toFixed(0)} MB each way; ${values.plot}`,
);
console.log(`${proxy.counts.resets} connections reset, ${proxy.counts.silences} fallen silent on the way`);
const growth = growthOf(samples.server.map(({ rss }) => rss));
console.log(
  `server: ${last?.sessions} sessions and ${last?.handles} handles left, RSS grew by ${growth.toFixed(1)} MB`,
);
const isFine = result && whole > 0 && streams === 0 && last?.sessions === 0 && growth < 64;
if (!isFine) console.error('not as it should be');
process.exit(isFine ? 0 : 1);

/** In MB, from the second quarter of the time to the last one. */
function growthOf(rss) {
  const quarter = Math.floor(rss.length / 4);
  const mean = (some) => some.reduce((sum, size) => sum + size, 0) / Math.max(1, some.length);
  return (mean(rss.slice(-quarter)) - mean(rss.slice(quarter, 2 * quarter))) / 1e6;
}
