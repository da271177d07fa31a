import { type resolveOptions } from '../../../lib/options.js';
import { type MuxSession } from '../../../lib/session/MuxSession.js';

/** The code that a history is played with: ours, or a broken copy of it. */
export interface Core {
  readonly MuxSession: typeof MuxSession;
  readonly resolveOptions: typeof resolveOptions;
}
