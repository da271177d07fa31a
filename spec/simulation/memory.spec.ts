import { queryObjects } from 'node:v8';
import { expect, it } from 'vitest';
import { resolveOptions } from '../../lib/options.js';
import { MuxSession } from '../../lib/session/MuxSession.js';
import { SmuxStream } from '../../lib/stream.js';
import { randomHistory } from './harness/randomHistory.js';
import { type Simulation } from './harness/Simulation.js';
import { simulate } from './harness/simulate.js';

it('keeps nothing of streams that are over, wherever one looks', { timeout: 60_000 }, () => {
  const left: number[] = [];
  const streamsOver = ({ sides }: Simulation) => {
    for (const { ends } of [sides.client, sides.server]) ends.clear();
    left.push(queryObjects(SmuxStream, { format: 'count' }));
  };

  for (let seed = 1; seed <= 20; seed++) simulate(randomHistory(seed), { MuxSession, resolveOptions }, { streamsOver });

  expect(left.length).toBeGreaterThan(5);
  expect(left).toStrictEqual(left.map(() => 0));
});
