/** By which two ends of a stream tell whether they have the same bytes. */
export interface Checksum {
  /** Bytes. */
  readonly size: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}
