import { parentPort, workerData } from 'node:worker_threads';
import { resolveOptions } from '../../../lib/options.js';
import { MuxSession } from '../../../lib/session/MuxSession.js';
import { type Found, type Hunt } from './Hunt.js';
import { randomHistory } from './randomHistory.js';
import { reportOf } from './reportOf.js';
import { violationOf } from './shrinkHistory.js';

const core = { MuxSession, resolveOptions };
const { from, to, step } = workerData as Hunt;
const tell = (found: Found) => parentPort?.postMessage(found);
let played = 0;
for (let seed = from; seed <= to; seed += step) {
  const history = randomHistory(seed);
  if (violationOf(history, core)) {
    const report = reportOf(`seed ${seed}`, history, core) ?? `seed ${seed} broke a rule, but only once`;
    tell({ played: 0, report });
  }
  if (++played === 20) {
    tell({ played });
    played = 0;
  }
}
tell({ played });
