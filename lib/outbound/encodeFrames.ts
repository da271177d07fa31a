import { map, type OperatorFunction } from 'rxjs';
import { encodeFrames as encodeBatch } from '../wire/encodeFrames.js';
import { type Frame } from '../wire/frame.js';

/**
 * Turns batches of frames into batches of bytes, ready for one gathering write each.
 *
 * ```text
 * source   --a-----b--|      a: [SYN 3, PSH 3 'hello'], b: [NOP]
 * result   --x-----y--|      x: [one slab with both],   y: [one slab]
 * ```
 *
 * Small payloads are copied behind their heads, large ones are passed on as they are.
 */
export function encodeFrames(): OperatorFunction<readonly Frame[], readonly Uint8Array[]> {
  return map(encodeBatch);
}
