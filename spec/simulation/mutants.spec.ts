import { describe, expect, it } from 'vitest';
import { randomHistory } from './harness/randomHistory.js';
import { violationOf } from './harness/shrinkHistory.js';
import { MUTANTS } from './mutants.js';
import { mutate } from './mutate.js';

describe('a session that', () => {
  it.each(MUTANTS.map((mutant, number) => ({ ...mutant, number })))(
    '$name, is found out',
    { timeout: 120_000 },
    async (mutant) => {
      const core = await mutate(mutant, mutant.number);
      let found: string | undefined;
      for (let seed = 1; seed <= MAX_SEEDS && found === undefined; seed++) {
        found = violationOf(randomHistory(seed), core)?.message;
      }
      expect(found, `${MAX_SEEDS} histories were played`).toBeDefined();
    },
  );
});

const MAX_SEEDS = 1000;
