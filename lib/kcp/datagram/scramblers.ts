import { createCipheriv, pbkdf2Sync } from 'node:crypto';
import { type Scrambler } from './ChecksummedCipher.js';
import { type Slab } from './DatagramCipher.js';

/** `none`: nonce and checksum in clear text. */
export const clearText: Scrambler = {
  scramble: ({ bytes }) => bytes,
  unscramble: (datagrams) => datagrams,
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
    unscramble(datagrams) {
      for (const datagram of datagrams) xor(datagram, 0, Math.min(datagram.length, MAX_DATAGRAM_SIZE));
      return datagrams;
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
 *   beginning, and the plain cipher (ECB) takes those of many datagrams at once, which is four times as fast as CFB.
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
    // Each datagram has the IV in front of it, and each block of plaintext takes the place of the block before it:
    //
    //   in      IV          block 1     block 2     IV …
    //   out     plain 1     plain 2     nothing     plain 1 …
    unscramble(datagrams) {
      const sizes = datagrams.map(({ length }) => blockSize + Math.ceil(length / blockSize) * blockSize);
      const size = sizes.reduce((sum, each) => sum + each, 0);
      if (bytes.length < size) {
        words = new Uint32Array(size / 4);
        bytes = new Uint8Array(words.buffer);
      }
      let start = 0;
      for (let index = 0; index < datagrams.length; index++) {
        bytes.set(iv, start);
        bytes.set(datagrams[index] as Uint8Array, start + blockSize);
        start += sizes[index] as number;
      }
      const result = plain.update(bytes.subarray(0, size));
      xorWithNextBlock(new Uint32Array(result.buffer, result.byteOffset, size / 4), words, blockSize / 4);
      let end = 0;
      return datagrams.map(({ length }, index) => {
        const begin = end;
        end += sizes[index] as number;
        return result.subarray(begin, begin + length);
      });
    },
  };
}

/** A function of its own, as the loop is faster where nothing can take the words away. */
function xorWithNextBlock(result: Uint32Array, words: Uint32Array, blockWords: number): void {
  for (let at = 0, from = blockWords; from < result.length; at++, from++) {
    result[at] = (result[at] as number) ^ (words[from] as number);
  }
}

const MAX_DATAGRAM_SIZE = 1500;
const INITIAL_VECTOR = Buffer.from('a7734f9c12ac1b01a415f2c1fc78e66b', 'hex');
