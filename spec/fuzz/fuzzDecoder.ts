import { ProtocolError } from '../../lib/errors.js';
import { FrameDecoder } from '../../lib/wire/FrameDecoder.js';
import { Command, type Version } from '../../lib/wire/frame.js';

/**
 * Feeds a decoder any bytes, cut anywhere. Whatever they are, it hands out frames that can be, or fails with a ProtocolError.
 * @returns frames
 */
export function fuzzDecoder(version: Version | 'auto', chunks: readonly Uint8Array[]): number {
  const decoder = new FrameDecoder(version);
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  let frames = 0;
  let payloads = 0;
  const sink = {
    closed: false,
    next: (frame: Parameters<Parameters<FrameDecoder['push']>[1]['next']>[0]) => {
      frames++;
      if (version !== 'auto' && frame.version !== version) throw new Error(`a frame of version ${frame.version}`);
      if (frame.streamId < 0 || frame.streamId > 0xffffffff) throw new Error(`stream ${frame.streamId}`);
      if (frame.command === Command.PSH) payloads += frame.payload.length;
      if (frame.command === Command.UPD && (frame.consumed < 0 || frame.window < 0))
        throw new Error('a negative count');
    },
  };
  try {
    for (const chunk of chunks) decoder.push(chunk, sink);
    decoder.end();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
  if (payloads > size) throw new Error(`${payloads} bytes of payload in ${size} bytes of input`);
  return frames;
}
