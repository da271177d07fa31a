import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../lib/options.js';
import { MuxSession } from '../../lib/session/MuxSession.js';
import { simulate } from './harness/simulate.js';
import { REGRESSIONS } from './regressions.js';
import { streamsInMemory } from './streamsInMemory.js';

const core = { MuxSession, resolveOptions };

describe('what went wrong once goes well:', () => {
  it.each(REGRESSIONS)('$name', { timeout: 60_000 }, ({ history }) => {
    let left = 0;

    simulate(history, core); // throws where a rule is broken
    simulate(history, core, {
      streamsOver: (simulation) => {
        left = streamsInMemory(simulation);
      },
    });

    expect(left).toBe(0);
  });
});
