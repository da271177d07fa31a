import { createCipheriv, pbkdf2Sync } from 'node:crypto';
import { type Scrambler } from './ChecksummedCipher.js';
import { type Slab } from './DatagramCipher.js';

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
 * - To encrypt, no IV is needed: with a random first block of plaintext, the first block of ciphertext is as random as with any
 *   IV, and the receiver, who takes another nonce from it, throws that away. So one run goes over a whole slab.
 * - To decrypt, each block is to be combined with what the cipher makes of the block before it. All of these are known from the
 *   beginning, and the plain cipher (ECB) takes them at once, which is twice as fast as CFB.
 *
 * @param name of the cipher for OpenSSL, without its mode
 */
export function blockCipher(name: string, key: Uint8Array, blockSize: 8 | 16): Scrambler {
  const iv = INITIAL_VECTOR.subarray(0, blockSize);
  const cipher = createCipheriv(`${name}-cfb`, key, iv);
  const plain = createCipheriv(`${name}-ecb`, key, null).setAutoPadding(false);
  let words = new Uint32Array(0);
  let bytes = new Uint8Array(words.buffer);
  return {
    scramble: ({ bytes: slab, end }: Slab) => cipher.update(slab.subarray(0, end)),
    unscramble(datagram) {
      const size = Math.ceil(datagram.length / blockSize) * blockSize;
      if (bytes.length < blockSize + size) {
        words = new Uint32Array((blockSize + size) / 4);
        bytes = new Uint8Array(words.buffer);
        bytes.set(iv);
      }
      bytes.set(datagram, blockSize);
      const result = plain.update(bytes.subarray(0, size));
      const resultWords = new Uint32Array(result.buffer, result.byteOffset, size / 4);
      for (let at = 0, from = blockSize / 4; at < resultWords.length; at++, from++) {
        resultWords[at] = (resultWords[at] as number) ^ (words[from] as number);
      }
      return result.subarray(0, datagram.length);
    },
  };
}

const MAX_DATAGRAM_SIZE = 1500;
const INITIAL_VECTOR = Buffer.from('a7734f9c12ac1b01a415f2c1fc78e66b', 'hex');
