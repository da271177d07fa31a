import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { type DatagramCipher, type Slab } from './DatagramCipher.js';
import { RandomPool } from './RandomPool.js';

/**
 * `aes-128-gcm`, which authenticates, too:
 *
 * ```text
 * nonce (12) | ciphertext | tag (16)
 * ```
 */
export class GcmCipher implements DatagramCipher {
  readonly headerSize = 12;
  readonly trailerSize = 16;
  readonly #key: KeyObject;
  readonly #random = new RandomPool();

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  seal({ bytes, starts, sizes }: Slab): Uint8Array {
    for (let index = 0; index < starts.length; index++) {
      const start = starts[index] as number;
      const end = start + (sizes[index] as number) - this.trailerSize;
      this.#random.fill(bytes, start, this.headerSize);
      const body = start + this.headerSize;
      const cipher = createCipheriv(ALGORITHM, this.#key, bytes.subarray(start, body));
      bytes.set(cipher.update(bytes.subarray(body, end)), body);
      cipher.final();
      bytes.set(cipher.getAuthTag(), end);
    }
    return bytes;
  }

  open(datagrams: readonly Uint8Array[]): readonly (Uint8Array | undefined)[] {
    return datagrams.map((datagram) => this.#open(datagram));
  }

  #open(datagram: Uint8Array): Uint8Array | undefined {
    const end = datagram.length - this.trailerSize;
    if (end < this.headerSize) return undefined;
    const decipher = createDecipheriv(ALGORITHM, this.#key, datagram.subarray(0, this.headerSize));
    decipher.setAuthTag(datagram.subarray(end));
    const payload = decipher.update(datagram.subarray(this.headerSize, end));
    try {
      decipher.final();
      return payload;
    } catch {
      return undefined;
    }
  }
}

const ALGORITHM = 'aes-128-gcm';
