/** What a segment is for. */
export const SegmentCommand = { PUSH: 81, ACK: 82, ASK_WINDOW: 83, TELL_WINDOW: 84 } as const;

/** Bytes of a segment's header. */
export const SEGMENT_HEADER_SIZE = 24;

/**
 * The header of a segment, integers little-endian:
 *
 * ```text
 * conversation (4) | command (1) | fragment (1) | window (2) | timestamp (4) | number (4) | una (4) | length (4)
 * ```
 *
 * One object is read into again and again, so that a segment costs no allocation.
 */
export class SegmentHeader {
  conversation = 0;
  command = 0;
  /** The sender's free receive slots. */
  window = 0;
  /** The sender's clock at this transmission; in an ACK, what is acknowledged had it. Milliseconds. */
  timestamp = 0;
  number = 0;
  /** Every number below has arrived at the sender. */
  una = 0;
  /** Bytes of payload. */
  length = 0;

  read(bytes: Uint8Array, at: number): void {
    this.conversation = readUint32(bytes, at);
    this.command = bytes[at + 4] as number;
    this.window = (bytes[at + 6] as number) | ((bytes[at + 7] as number) << 8);
    this.timestamp = readUint32(bytes, at + 8);
    this.number = readUint32(bytes, at + 12);
    this.una = readUint32(bytes, at + 16);
    this.length = readUint32(bytes, at + 20);
  }

  /** Writes the header; the fragment is always 0, as the bytes are a stream. */
  write(bytes: Uint8Array, at: number): void {
    writeUint32(bytes, at, this.conversation);
    bytes[at + 4] = this.command;
    bytes[at + 5] = 0;
    bytes[at + 6] = this.window;
    bytes[at + 7] = this.window >>> 8;
    writeUint32(bytes, at + 8, this.timestamp);
    writeUint32(bytes, at + 12, this.number);
    writeUint32(bytes, at + 16, this.una);
    writeUint32(bytes, at + 20, this.length);
  }
}

/** Reads four bytes, little-endian. */
export function readUint32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  return (low | ((bytes[at + 3] as number) << 24)) >>> 0; // as a shift by 24 may have made it negative
}

/** Writes four bytes, little-endian. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
