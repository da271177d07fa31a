import { Observable, type OperatorFunction } from 'rxjs';
import { follow } from '../follow.js';
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
    new Observable((subscriber) => {
      const decoder = new FrameDecoder(version);
      const chunks: Uint8Array[] = []; // more than one only while a frame is being taken that makes the next chunk come
      let isEnded = false;

      const end = () => {
        decoder.end();
        subscriber.complete();
      };
      const take = (chunk: Uint8Array) => {
        if (chunks.push(chunk) > 1) return;
        for (const next of chunks) decoder.push(next, subscriber);
        chunks.length = 0;
        if (isEnded) end();
      };
      follow(subscriber, source, take, () => {
        isEnded = true;
        if (chunks.length === 0) end();
      });
    });
}
