import { ProtocolError } from '../../errors.js';
import { SnappyDecoder } from '../snappy/SnappyDecoder.js';
import { SnappyEncoder } from '../snappy/SnappyEncoder.js';
import { STREAM_IDENTIFIER } from '../snappy/snappyFraming.js';

/** What happens to the bytes between the session and the conversation. */
export interface ByteCoder {
  /** @param emit gets bytes that may be overwritten when it returns */
  encode(parts: readonly Uint8Array[], emit: (bytes: Uint8Array) => void): void;
  /**
   * @param emit gets bytes that stay as they are
   * @throws ProtocolError `SMUX_ERR_COMPRESSION`
   */
  decode(bytes: Uint8Array, emit: (bytes: Uint8Array) => void): void;
}

/** Snappy, or nothing but a look at the first byte, which tells whether the peer thinks otherwise. */
export function byteCoder(isCompressed: boolean): ByteCoder {
  if (isCompressed) {
    const encoder = new SnappyEncoder();
    const decoder = new SnappyDecoder();
    return {
      encode: (parts, emit) => encoder.encode(parts, emit),
      decode: (bytes, emit) => decoder.push(bytes, emit),
    };
  }
  let hasBegun = false;
  return {
    encode: (parts, emit) => parts.forEach(emit),
    decode: (bytes, emit) => {
      // No frame of smux begins so.
      if (!hasBegun && bytes[0] === STREAM_IDENTIFIER[0]) {
        throw new ProtocolError(
          'SMUX_ERR_COMPRESSION',
          'the peer compresses: compression (kcptun without --nocomp) must be the same on both ends',
        );
      }
      hasBegun = true;
      emit(bytes);
    },
  };
}
