import { expect, it } from 'vitest';
import { resolveOptions } from '../../lib/options.js';
import { MuxSession } from '../../lib/session/MuxSession.js';
import { randomHistory } from './harness/randomHistory.js';
import { simulate } from './harness/simulate.js';
import { streamsInMemory } from './streamsInMemory.js';

it('keeps nothing of streams that are over, wherever one looks', { timeout: 120_000 }, async () => {
  const left: number[] = [];

  for (let seed = 1; seed <= 20; seed++) {
    simulate(
      randomHistory(seed),
      { MuxSession, resolveOptions },
      { streamsOver: (simulation) => void left.push(streamsInMemory(simulation)) },
    );
    await Promise.resolve(); // what the history has left to microtasks goes too
  }

  expect(left.length).toBeGreaterThan(5);
  expect(left).toStrictEqual(left.map(() => 0));
});
