/** Datagrams that lie one behind the other in a slab, each at a multiple of {@link ALIGNMENT}. */
export interface Slab {
  readonly bytes: Uint8Array;
  /** Where each begins, and how large it is on the wire. */
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  /** The end of the last one, rounded up to {@link ALIGNMENT}. */
  readonly end: number;
}

/** Turns payloads into what travels, and back. */
export interface DatagramCipher {
  /** Bytes in front of the payload, and behind it. */
  readonly headerSize: number;
  readonly trailerSize: number;
  /** Seals all datagrams of a slab, in place or elsewhere; returns where they are now. */
  seal(slab: Slab): Uint8Array;
  /** The payload of each datagram, or undefined for one that was not sealed with the same key. May overwrite them. */
  open(datagrams: readonly Uint8Array[]): readonly (Uint8Array | undefined)[];
}

/** So that block ciphers can run over a whole slab at once. */
export const ALIGNMENT = 16;
