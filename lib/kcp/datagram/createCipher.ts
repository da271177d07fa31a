import { pbkdf2Sync } from 'node:crypto';
import { ChecksummedCipher } from './ChecksummedCipher.js';
import { type DatagramCipher } from './DatagramCipher.js';
import { GcmCipher } from './GcmCipher.js';
import { NullCipher } from './NullCipher.js';
import { salsa20 } from './salsa20.js';
import { blockCipher, clearText, xorPad } from './scramblers.js';

/** The ciphers, named as kcptun names them. */
export type KcpCrypt = keyof typeof CIPHERS;

/**
 * Makes the cipher for one end.
 * @param passphrase what both ends share
 * @throws RangeError for a name that is none
 */
export function createCipher(name: KcpCrypt, passphrase: string): DatagramCipher {
  if (!isCrypt(name)) throw new RangeError(`crypt must be one of ${CRYPT_NAMES.join(', ')}, got ${String(name)}`);
  return CIPHERS[name](() => deriveKey(passphrase));
}

export function isCrypt(name: string): name is KcpCrypt {
  return Object.hasOwn(CIPHERS, name);
}

/** 32 bytes, of which each cipher takes as many as it needs. */
export function deriveKey(passphrase: string): Uint8Array {
  return pbkdf2Sync(passphrase, 'kcp-go', 4096, 32, 'sha1');
}

const block = (algorithm: string, keySize: number, blockSize: 8 | 16) => (key: () => Uint8Array) =>
  new ChecksummedCipher(blockCipher(algorithm, key().subarray(0, keySize), blockSize));

const CIPHERS = {
  null: () => new NullCipher(),
  none: () => new ChecksummedCipher(clearText),
  aes: block('aes-256', 32, 16),
  'aes-192': block('aes-192', 24, 16),
  'aes-128': block('aes-128', 16, 16),
  'aes-128-gcm': (key: () => Uint8Array) => new GcmCipher(key().subarray(0, 16)),
  '3des': block('des-ede3', 24, 8),
  sm4: block('sm4', 16, 16),
  xor: (key: () => Uint8Array) => new ChecksummedCipher(xorPad(key())),
  salsa20: (key: () => Uint8Array) => new ChecksummedCipher(salsa20(key())),
} as const satisfies Record<string, (key: () => Uint8Array) => DatagramCipher>;

/** All names, for messages. */
export const CRYPT_NAMES: readonly string[] = Object.keys(CIPHERS);
