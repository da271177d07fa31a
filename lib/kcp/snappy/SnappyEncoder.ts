import { writeUint32 } from '../core/segment.js';
import { BlockCompressor } from './BlockCompressor.js';
import { maskedCrc32c } from './crc32c.js';
import { CHUNK_HEADER_SIZE, ChunkType, MAX_BLOCK_SIZE, STREAM_IDENTIFIER } from './snappyFraming.js';

/** Puts bytes into the chunks of snappy's framing format: compressed, or plain where that gains little. */
export class SnappyEncoder {
  readonly #compressor = new BlockCompressor();
  readonly #plain = new Uint8Array(MAX_BLOCK_SIZE);
  #hasBegun = false;

  /**
   * Encodes all parts, one behind the other.
   * @param emit gets the bytes, which are overwritten when it returns
   */
  encode(parts: readonly Uint8Array[], emit: (bytes: Uint8Array) => void): void {
    if (!this.#hasBegun) emit(STREAM_IDENTIFIER);
    this.#hasBegun = true;
    let size = 0;
    for (const part of parts) {
      for (let at = 0; at < part.length; ) {
        const taken = Math.min(MAX_BLOCK_SIZE - size, part.length - at);
        this.#plain.set(part.subarray(at, at + taken), size);
        size += taken;
        at += taken;
        if (size < MAX_BLOCK_SIZE) continue;
        this.#emitChunk(this.#plain, emit);
        size = 0;
      }
    }
    if (size > 0) this.#emitChunk(this.#plain.subarray(0, size), emit);
  }

  #emitChunk(plain: Uint8Array, emit: (bytes: Uint8Array) => void): void {
    const compressed = this.#compressor.compress(plain);
    const isWorthIt = compressed.length < plain.length - (plain.length >> 3);
    const body = isWorthIt ? compressed : plain;
    const header = new Uint8Array(CHUNK_HEADER_SIZE + 4);
    // The type is one byte, the length three: that of the checksum and the body.
    writeUint32(header, 0, ((body.length + 4) << 8) | (isWorthIt ? ChunkType.COMPRESSED : ChunkType.PLAIN));
    writeUint32(header, CHUNK_HEADER_SIZE, maskedCrc32c(plain));
    emit(header);
    emit(body);
  }
}
