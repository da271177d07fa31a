/** The chunks that mean something; 0x80 to 0xfe may be skipped, all others are errors. */
export const ChunkType = { COMPRESSED: 0x00, PLAIN: 0x01, FIRST_SKIPPABLE: 0x80, IDENTIFIER: 0xff } as const;

/** Type (1) and length (3, little-endian). */
export const CHUNK_HEADER_SIZE = 4;
/** Plain bytes of a chunk at most. */
export const MAX_BLOCK_SIZE = 65_536;
/** The first chunk of every stream: its header and "sNaPpY". */
export const STREAM_IDENTIFIER = new Uint8Array([0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]);
