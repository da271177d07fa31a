import { queryObjects } from 'node:v8';
import { SmuxStream } from '../../lib/stream.js';
import { type Simulation } from './harness/Simulation.js';

/** How many streams are still in memory, those aside that the simulation itself keeps. It keeps none afterwards. */
export function streamsInMemory({ sides }: Simulation): number {
  for (const { ends } of [sides.client, sides.server]) ends.clear();
  let count = Number.POSITIVE_INFINITY;
  // The compiler, which works beside us, may hold on to objects for a moment.
  for (let attempt = 0; count > 0 && attempt < 10; attempt++) count = queryObjects(SmuxStream, { format: 'count' });
  return count;
}
