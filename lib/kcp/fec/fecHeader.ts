/**
 * What stands in front of a payload where there is forward error correction. In a parity shard, the size is parity too.
 *
 * ```text
 * number (4, little-endian) | kind (2) | size of payload and size field (2) | payload
 * ```
 */
export const FEC_HEADER_SIZE = 8;
/** Where the shard begins: what the code covers is the size and the payload. */
export const SHARD_OFFSET = 6;

/** What a datagram is, by its fifth and sixth byte, which in a plain one are a segment's command and fragment. */
export const FecKind = { DATA: 0xf1, PARITY: 0xf2, OUT_OF_BAND: 0xf3 } as const;

/** The kind of a datagram; undefined for one without this header. */
export function fecKindOf(bytes: Uint8Array): number | undefined {
  if (bytes.length < FEC_HEADER_SIZE || bytes[5] !== 0) return undefined;
  const kind = bytes[4] as number;
  return kind >= FecKind.DATA && kind <= FecKind.OUT_OF_BAND ? kind : undefined;
}
