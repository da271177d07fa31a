import { concat, concatMap, defer, EMPTY, type OperatorFunction } from 'rxjs';
import { FrameDecoder } from '../wire/FrameDecoder.js';
import { type Frame, type Version } from '../wire/frame.js';

/**
 * Cuts a flow of chunks into frames, however the chunks happen to be split.
 *
 * ```text
 * source   --h----H---x---|      h: half a frame, H: its other half, x: two frames
 * result   -------a---(bc)|
 * ```
 *
 * A PSH frame comes in pieces, one a chunk touched; other frames come whole. Payloads are views of the chunk, not copies.
 * Each subscription has its own decoder.
 * @param version the only one to accept, or `'auto'` to take it from the first frame
 * @returns an operator that errors with {@link ProtocolError} on bytes that are not a frame: `SMUX_ERR_VERSION`,
 * `SMUX_ERR_COMMAND`, `SMUX_ERR_LENGTH`, or `SMUX_ERR_TRUNCATED` when the source completes inside a frame
 */
export function decodeFrames(version: Version | 'auto'): OperatorFunction<Uint8Array, Frame> {
  return (source) =>
    defer(() => {
      const decoder = new FrameDecoder(version);
      return concat(
        source.pipe(concatMap((chunk) => decoder.push(chunk))),
        defer(() => {
          decoder.end();
          return EMPTY;
        }),
      );
    });
}
