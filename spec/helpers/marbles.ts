import { TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

/** A spec in virtual time. */
export const marbles = (test: Parameters<TestScheduler['run']>[0]) => () =>
  new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected)).run(test);
