import { ProtocolError } from '../../errors.js';
import { readUint32 } from '../core/segment.js';
import { maskedCrc32c } from './crc32c.js';
import { decompressBlock } from './decompressBlock.js';
import { CHUNK_HEADER_SIZE, ChunkType, MAX_BLOCK_SIZE, STREAM_IDENTIFIER } from './snappyFraming.js';

/** Takes bytes out of the chunks of snappy's framing format, however those happen to be split. */
export class SnappyDecoder {
  readonly #header = new Uint8Array(CHUNK_HEADER_SIZE);
  /** Bytes of the header that have come. */
  #headerSize = 0;
  #body: Uint8Array | undefined;
  #bodySize = 0;
  /** Bytes of a chunk without meaning that are still to come. */
  #skip = 0;
  #hasBegun = false;

  /**
   * @param emit gets the plain bytes, which are never overwritten
   * @throws ProtocolError `SMUX_ERR_COMPRESSION` for what is no such stream
   */
  push(bytes: Uint8Array, emit: (plain: Uint8Array) => void): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        at += skipped;
      } else if (this.#body === undefined) {
        const byte = bytes[at++] as number;
        if (!this.#hasBegun && byte !== STREAM_IDENTIFIER[this.#headerSize]) throw notCompressed();
        this.#header[this.#headerSize++] = byte;
        if (this.#headerSize === CHUNK_HEADER_SIZE) this.#begin();
      } else {
        const taken = Math.min(this.#body.length - this.#bodySize, bytes.length - at);
        this.#body.set(bytes.subarray(at, at + taken), this.#bodySize);
        this.#bodySize += taken;
        at += taken;
        if (this.#bodySize === this.#body.length) this.#end(this.#body, emit);
      }
    }
  }

  #begin(): void {
    const type = this.#header[0] as number;
    const length = readUint32(this.#header, 0) >>> 8;
    this.#headerSize = 0;
    if (type === ChunkType.COMPRESSED || type === ChunkType.PLAIN) {
      if (length < 4 || length > MAX_CHUNK_LENGTH) throw broken(`a chunk of ${length} bytes`);
    } else if (type === ChunkType.IDENTIFIER) {
      if (length !== STREAM_IDENTIFIER.length - CHUNK_HEADER_SIZE) throw broken('a wrong stream identifier');
    } else if (type >= ChunkType.FIRST_SKIPPABLE) {
      this.#skip = length;
      return;
    } else {
      throw broken(`a chunk of the unknown type ${type}`);
    }
    this.#header[0] = type;
    this.#body = new Uint8Array(length);
    this.#bodySize = 0;
  }

  #end(body: Uint8Array, emit: (plain: Uint8Array) => void): void {
    this.#body = undefined;
    const type = this.#header[0];
    if (type === ChunkType.IDENTIFIER) {
      if (body.some((byte, at) => byte !== STREAM_IDENTIFIER[CHUNK_HEADER_SIZE + at])) {
        throw broken('a wrong stream identifier');
      }
      this.#hasBegun = true;
      return;
    }
    const plain = type === ChunkType.PLAIN ? body.subarray(4) : decompress(body.subarray(4));
    if (plain.length > MAX_BLOCK_SIZE) throw broken(`a chunk of ${plain.length} bytes`);
    if (maskedCrc32c(plain) !== readUint32(body, 0)) throw broken('a wrong checksum');
    if (plain.length > 0) emit(plain);
  }
}

function decompress(block: Uint8Array): Uint8Array {
  try {
    return decompressBlock(block, MAX_BLOCK_SIZE);
  } catch (cause) {
    throw broken((cause as Error).message, cause);
  }
}

function notCompressed(): ProtocolError {
  return new ProtocolError(
    'SMUX_ERR_COMPRESSION',
    'the peer does not compress: compression (without kcptun --nocomp) must be the same on both ends',
  );
}

function broken(what: string, cause?: unknown): ProtocolError {
  return new ProtocolError('SMUX_ERR_COMPRESSION', `the compressed stream is broken: ${what}`, { cause });
}

/** What 65536 bytes become at worst, and their checksum. */
const MAX_CHUNK_LENGTH = 76_490 + 4;
