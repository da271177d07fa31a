import { RandomBytes } from './random.js';

/** The bytes of a hex text; blanks are for the reader. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** Bytes that tell their place: the first one is `from`, each of the others one more than the one before, modulo 256. */
export function counting(size: number, from = 0): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => from + at);
}

export function join(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(sizeOf(chunks));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

export function sizeOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** The bytes in chunks of one size. */
export function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

/** The bytes in chunks whose sizes come round and round. */
export function cutInTurns(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

/**
 * The bytes cut in every way that makes sense: each of the 2^(n-1) where they are few, else in one piece, at every single offset
 * while they are not many, in chunks of each size from 1 to 64, and in random ones.
 */
export function* everyChunking(bytes: Uint8Array): Generator<readonly Uint8Array[], void, undefined> {
  if (bytes.length <= 10) {
    for (let cuts = 0; cuts < 2 ** Math.max(0, bytes.length - 1); cuts++) yield cutAtBits(bytes, cuts);
    return;
  }
  yield [bytes];
  if (bytes.length <= 1024) {
    for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
  }
  for (let size = 1; size <= 64; size++) yield cut(bytes, size);
  for (let seed = 1; seed <= 8; seed++) {
    const sizes = [...new RandomBytes(seed).take(1000)].map((byte) => 1 + byte * (seed % 2 === 0 ? 1 : 300));
    yield cutInTurns(bytes, sizes);
  }
}

function cutAtBits(bytes: Uint8Array, cuts: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let from = 0;
  for (let at = 1; at <= bytes.length; at++) {
    if (at < bytes.length && ((cuts >> (at - 1)) & 1) === 0) continue;
    chunks.push(bytes.subarray(from, at));
    from = at;
  }
  return chunks;
}
