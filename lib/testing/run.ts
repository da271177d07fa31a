import { asapScheduler } from 'rxjs';
import { type RunHelpers } from 'rxjs/testing';
import { assertDeepEqual } from './assertDeepEqual.js';
import { TestBench } from './TestBench.js';
import { type TestHelpers } from './TestHelpers.js';
import { VirtualTime } from './VirtualTime.js';

/** How {@link run} ends and compares. */
export interface RunOptions {
  /**
   * When time stops, in milliseconds of virtual time: the keepalive of a session would go on for ever.
   * @defaultValue `60000`
   */
  readonly until?: number;
  /**
   * Throws unless two values are alike, as for a TestScheduler: `(actual, expected) => expect(actual).toEqual(expected)`.
   * @defaultValue one that throws an `Error` with both sides line by line
   */
  readonly assertDeepEqual?: (actual: unknown, expected: unknown) => void;
}

/**
 * Runs a test in virtual time, as `TestScheduler.run` does, with the helpers of that and those for sessions. When the test function
 * has returned, time passes until nothing more is to come, or until `until`; then expectations are checked, and last of all the
 * sessions and links made with the helpers are destroyed, which no expectation sees.
 *
 * Virtual time reaches what takes its time from RxJS. Promises are not of that kind: keep async iterables out of the test.
 * @returns what the test function returned
 * @throws what an expectation throws, an error that nobody handled, or RangeError for a bad `until`
 */
export function run<T>(test: (helpers: TestHelpers) => T, options: RunOptions = {}): T {
  const { until = 60_000 } = options;
  if (!(until >= 0 && until < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`until must be a finite number of milliseconds from 0, got ${String(until)}`);
  }
  const time = new VirtualTime(options.assertDeepEqual ?? assertDeepEqual);
  return time.run((helpers: RunHelpers) => {
    time.stopAt(until);
    const bench = new TestBench(time, helpers);
    try {
      const result = test(bench.helpers);
      if (isThenable(result))
        throw new TypeError('the test function of run must not be async: virtual time waits for nobody');
      time.flush();
      return result;
    } finally {
      bench.clear();
      tidyUp(time);
    }
  });
}

/** Whatever happened, what comes after finds no turns that were meant to be virtual. What they throw is of no interest any more. */
function tidyUp(time: VirtualTime): void {
  time.stopAt(time.frame);
  attempt(() => time.flush());
  while (asapScheduler.actions.length > 0) attempt(() => asapScheduler.flush());
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The test is over.
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}
