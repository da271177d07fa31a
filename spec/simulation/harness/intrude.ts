import { type SmuxStream } from '../../../lib/stream.js';

/** Reads a stream that somebody else reads: is to be turned away at once, and to get nothing. */
export function intrude(stream: SmuxStream, blame: () => never): void {
  let isTurnedAway = false;
  const turnAway = () => {
    isTurnedAway = true;
  };
  // Completion: all has been handed out, and the consumer still works on it.
  stream.subscribe({ next: blame, error: turnAway, complete: turnAway });
  if (!isTurnedAway) blame();
}
