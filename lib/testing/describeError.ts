import { SmuxError } from '../errors.js';

/** An error in a few words: `SMUX_ERR_LINK_LOST` for one of ours, `TypeError: …` for another, else the value itself. */
export function describeError(error: unknown): string {
  return error instanceof SmuxError ? error.code : String(error);
}
