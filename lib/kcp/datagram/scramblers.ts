import { createCipheriv, createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { type Scrambler } from './ChecksummedCipher.js';
import { ALIGNMENT, type Slab } from './DatagramCipher.js';

/** `none`: nonce and checksum in clear text. */
export const clearText: Scrambler = {
  scramble: ({ bytes }) => bytes,
  unscramble: (datagram) => datagram,
};

/** `xor`: a fixed pad over each datagram. Hides little. */
export function xorPad(key: Uint8Array): Scrambler {
  const pad = pbkdf2Sync(key, 'sH3CIVoF#rWLtJo6', 32, MAX_DATAGRAM_SIZE, 'sha1');
  const xor = (bytes: Uint8Array, start: number, size: number) => {
    for (let at = 0; at < size; at++) bytes[start + at] = (bytes[start + at] as number) ^ (pad[at] as number);
  };
  return {
    scramble({ bytes, starts, sizes }) {
      starts.forEach((start, index) => void xor(bytes, start, sizes[index] as number));
      return bytes;
    },
    unscramble(datagram) {
      xor(datagram, 0, Math.min(datagram.length, MAX_DATAGRAM_SIZE));
      return datagram;
    },
  };
}

/**
 * The block ciphers in CFB mode, where every datagram begins with the same IV. Making a cipher of OpenSSL costs several times what
 * it takes to run it over a datagram, so that two of them serve all datagrams.
 *
 * - A block of CFB depends on the block of ciphertext before it only. To decrypt, the IV is put in front of the datagram.
 * - To encrypt, no IV is needed: with a random first block of plaintext, the first block of ciphertext is as random as with any
 *   IV, and the receiver, who takes another nonce from it, throws that away.
 */
export function blockCipher(algorithm: string, key: Uint8Array, blockSize: 8 | 16): Scrambler {
  const iv = INITIAL_VECTOR.subarray(0, blockSize);
  const cipher = createCipheriv(algorithm, key, iv);
  const decipher = createDecipheriv(algorithm, key, iv);
  let padded = new Uint8Array(0);
  return {
    scramble: ({ bytes, end }: Slab) => cipher.update(bytes.subarray(0, end)),
    unscramble(datagram) {
      // Up to the end of a block, so that the next one begins with a block too.
      const size = blockSize + Math.ceil(datagram.length / ALIGNMENT) * ALIGNMENT;
      if (padded.length < size) {
        padded = new Uint8Array(size);
        padded.set(iv);
      }
      padded.set(datagram, blockSize);
      return decipher.update(padded.subarray(0, size)).subarray(blockSize, blockSize + datagram.length);
    },
  };
}

const MAX_DATAGRAM_SIZE = 1500;
const INITIAL_VECTOR = Buffer.from('a7734f9c12ac1b01a415f2c1fc78e66b', 'hex');
