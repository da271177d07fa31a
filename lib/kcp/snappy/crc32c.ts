/** The CRC-32C (Castagnoli) of the bytes, disguised as snappy wants it. Four bytes a step. */
export function maskedCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  const end = bytes.length & ~3;
  let at = 0;
  for (; at < end; at += 4) {
    crc =
      (T3[(crc ^ (bytes[at] as number)) & 0xff] as number) ^
      (T2[((crc >>> 8) ^ (bytes[at + 1] as number)) & 0xff] as number) ^
      (T1[((crc >>> 16) ^ (bytes[at + 2] as number)) & 0xff] as number) ^
      (T0[((crc >>> 24) ^ (bytes[at + 3] as number)) & 0xff] as number);
  }
  for (; at < bytes.length; at++) crc = (T0[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  crc = ~crc;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0; // modulo 2^32
}

const T0 = new Uint32Array(256).map((_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});
/** What T0 makes of a byte, moved on by one more byte of zeros. */
const moved = (table: Uint32Array) => table.map((crc) => (T0[crc & 0xff] as number) ^ (crc >>> 8));
const T1 = moved(T0);
const T2 = moved(T1);
const T3 = moved(T2);
