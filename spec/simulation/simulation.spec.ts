import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../lib/options.js';
import { MuxSession } from '../../lib/session/MuxSession.js';
import { isPatternIntact } from './harness/pattern.js';
import { randomHistory } from './harness/randomHistory.js';
import { reportOf } from './harness/reportOf.js';
import { shrinkHistory, violationOf } from './harness/shrinkHistory.js';
import { simulate } from './harness/simulate.js';
import { MUTANTS } from './mutants.js';
import { mutate } from './mutate.js';

const core = { MuxSession, resolveOptions };

describe('two sessions', () => {
  // `npm run simulate` plays as many more as one likes.
  it.each(portions(300, 50))('keep to all rules in histories $from to $to', { timeout: 120_000 }, ({ from, to }) => {
    for (let seed = from; seed <= to; seed++) {
      if (violationOf(randomHistory(seed), core)) expect.fail(reportOf(`seed ${seed}`, randomHistory(seed), core));
    }
    expect(isPatternIntact(), 'nobody has written into bytes that were sent').toBe(true);
  });
});

describe('the simulation', () => {
  it('plays the same history in the same way, event by event', () => {
    const played = () => {
      const words: string[] = [];
      return { outcome: simulate(randomHistory(5), core, { trace: (next) => words.push(next) }), words };
    };

    expect(played()).toStrictEqual(played());
  });

  it('has hundreds of things done on dozens of streams', () => {
    const counts = Array.from({ length: 200 }, (_, seed) => {
      const { streams } = randomHistory(seed);
      const steps = streams.reduce((sum, { opener, acceptor }) => sum + opener.length + acceptor.length, 0);
      return { streams: streams.length, steps };
    });

    expect(Math.max(...counts.map(({ streams }) => streams))).toBeGreaterThan(40);
    expect(counts.filter(({ steps }) => steps > 200).length).toBeGreaterThan(20);
  });

  it('makes a history that breaks a rule as simple as it can, and says how it goes', { timeout: 120_000 }, async () => {
    const broken = await mutate(MUTANTS[0] as (typeof MUTANTS)[number], MUTANTS.length);
    let seed = 1;
    while (!violationOf(randomHistory(seed), broken)) seed++;
    const history = randomHistory(seed);
    const simplest = shrinkHistory(history, broken);

    expect(simplest?.streams.length).toBeLessThanOrEqual(2);
    expect(violationOf(simplest as NonNullable<typeof simplest>, broken)?.rule).toBe(
      violationOf(history, broken)?.rule,
    );
    expect(violationOf(simplest as NonNullable<typeof simplest>, core)).toBeUndefined();
    expect(reportOf('it', history, broken)).toMatch(/opens stream \d+\n {2}opener: /);
  });
});

function portions(count: number, size: number): { readonly from: number; readonly to: number }[] {
  return Array.from({ length: count / size }, (_, at) => ({ from: at * size + 1, to: (at + 1) * size }));
}
