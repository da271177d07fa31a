import { type Observable } from 'rxjs';
import { type Log } from './log.js';
import { type Sessions } from './Sessions.js';

/** What both commands run in. */
export interface Context {
  readonly log: Log;
  readonly sessions: Sessions;
  /** Emits once, and replays it, when nothing new shall begin. */
  readonly stop$: Observable<unknown>;
}
