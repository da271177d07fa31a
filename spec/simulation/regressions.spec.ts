import { queryObjects } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../lib/options.js';
import { MuxSession } from '../../lib/session/MuxSession.js';
import { SmuxStream } from '../../lib/stream.js';
import { type Simulation } from './harness/Simulation.js';
import { simulate } from './harness/simulate.js';
import { REGRESSIONS } from './regressions.js';

const core = { MuxSession, resolveOptions };

describe('what went wrong once goes well:', () => {
  it.each(REGRESSIONS)('$name', { timeout: 60_000 }, ({ history }) => {
    let left = 0;
    const streamsOver = ({ sides }: Simulation) => {
      for (const { ends } of [sides.client, sides.server]) ends.clear();
      left = queryObjects(SmuxStream, { format: 'count' });
    };

    simulate(history, core); // throws where a rule is broken
    simulate(history, core, { streamsOver });

    expect(left).toBe(0);
  });
});
