import { type Core } from './Core.js';
import { type History } from './History.js';
import { Judge } from './Judge.js';
import { Simulation } from './Simulation.js';
import { Violation } from './Violation.js';
import { VirtualClock } from './VirtualClock.js';

/** What a history has come to. */
export interface Outcome {
  /** Things that happened: turns and timers. */
  readonly events: number;
  /** Virtual time, in milliseconds. */
  readonly time: number;
  /** On the wire, both ways. */
  readonly bytes: number;
  readonly streams: number;
}

/** Who watches a history. */
export interface Watchers {
  /** Called with each thing that happens, in words. */
  trace?(words: string): void;
  /** Called when all streams of a history without troubles are over, and the sessions are still there. */
  streamsOver?(simulation: Simulation): void;
}

/**
 * Plays a history with two sessions, in virtual time.
 * @throws Violation the first rule that was broken
 */
export function simulate(history: History, core: Core, watchers: Watchers = {}): Outcome {
  const judge = new Judge();
  let simulation: Simulation | undefined;
  const clock = new VirtualClock(MAX_EVENTS, () => {
    judge.check();
    simulation?.check();
  });
  try {
    return clock.rule(() => {
      simulation = new Simulation(history, core, clock, judge, watchers);
      return simulation.play();
    });
  } catch (cause) {
    judge.check(); // what comes to light may be but its consequence
    throw cause instanceof Violation ? cause : new Violation('thrown', String(cause), { cause });
  }
}

/** A hundred times what the longest of thousands of histories takes. */
const MAX_EVENTS = 400_000;
