import { type DatagramCipher, type Slab } from './DatagramCipher.js';

/** `null`: payloads travel as they are. */
export class NullCipher implements DatagramCipher {
  readonly headerSize = 0;
  readonly trailerSize = 0;

  seal({ bytes }: Slab): Uint8Array {
    return bytes;
  }

  open(datagrams: readonly Uint8Array[]): readonly Uint8Array[] {
    return datagrams;
  }
}
