import * as fc from 'fast-check';
import { type Core } from './Core.js';
import { type History } from './History.js';
import { simplerHistories } from './simplerHistories.js';
import { simulate } from './simulate.js';
import { Violation } from './Violation.js';

/** The simplest history found that breaks the same rule; `undefined` where the history breaks none. */
export function shrinkHistory(history: History, core: Core, timeLimit = 30_000): History | undefined {
  const violation = violationOf(history, core);
  if (violation === undefined) return undefined;
  const property = fc.property(
    new Simplified(history),
    (simpler) => violationOf(simpler, core)?.rule !== violation.rule,
  );
  const { counterexample } = fc.check(property, { numRuns: 1, interruptAfterTimeLimit: timeLimit });
  return counterexample?.[0] ?? history;
}

/** The rule that a history breaks. */
export function violationOf(history: History, core: Core): Violation | undefined {
  try {
    simulate(history, core);
    return undefined;
  } catch (cause) {
    if (cause instanceof Violation) return cause;
    throw cause;
  }
}

/** One history, and all that are simpler. */
class Simplified extends fc.Arbitrary<History> {
  readonly #history: History;

  constructor(history: History) {
    super();
    this.#history = history;
  }

  override generate(): fc.Value<History> {
    return new fc.Value(this.#history, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is History {
    return value === this.#history;
  }

  override shrink(history: History): fc.Stream<fc.Value<History>> {
    return fc.stream(simplerHistories(history)).map((simpler) => new fc.Value(simpler, undefined));
  }
}
