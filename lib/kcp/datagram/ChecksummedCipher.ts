import { crc32 } from 'node:zlib';
import { readUint32, writeUint32 } from '../core/segment.js';
import { type DatagramCipher, type Slab } from './DatagramCipher.js';
import { RandomPool } from './RandomPool.js';

/** What is done to whole datagrams, nonce and checksum included. */
export interface Scrambler {
  /** Returns where the datagrams are now. */
  scramble(slab: Slab): Uint8Array;
  /** Returns them in the same order, in place or elsewhere. */
  unscramble(datagrams: readonly Uint8Array[]): readonly Uint8Array[];
}

/**
 * A nonce, a checksum and then the payload, all of it scrambled:
 *
 * ```text
 * random (16) | CRC-32 of the payload (4, little-endian) | payload
 * ```
 *
 * The checksum is what tells the right key; it authenticates nothing.
 */
export class ChecksummedCipher implements DatagramCipher {
  readonly headerSize = NONCE_SIZE + CRC_SIZE;
  readonly trailerSize = 0;
  readonly #scrambler: Scrambler;
  readonly #random = new RandomPool();

  constructor(scrambler: Scrambler) {
    this.#scrambler = scrambler;
  }

  seal(slab: Slab): Uint8Array {
    const { bytes, starts, sizes } = slab;
    for (let index = 0; index < starts.length; index++) {
      const start = starts[index] as number;
      const payload = bytes.subarray(start + this.headerSize, start + (sizes[index] as number));
      this.#random.fill(bytes, start, NONCE_SIZE);
      writeUint32(bytes, start + NONCE_SIZE, crc32(payload));
    }
    return this.#scrambler.scramble(slab);
  }

  open(datagrams: readonly Uint8Array[]): readonly (Uint8Array | undefined)[] {
    return this.#scrambler.unscramble(datagrams).map((bytes) => {
      if (bytes.length < this.headerSize) return undefined;
      const payload = bytes.subarray(this.headerSize);
      return crc32(payload) === readUint32(bytes, NONCE_SIZE) ? payload : undefined;
    });
  }
}

const NONCE_SIZE = 16;
const CRC_SIZE = 4;
