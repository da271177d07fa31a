/**
 * Decompresses a block of raw snappy.
 * @param maxSize of the result, in bytes
 * @throws Error that says what is wrong with it
 */
export function decompressBlock(block: Uint8Array, maxSize: number): Uint8Array {
  let at = 0;
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = block[at++];
    if (byte === undefined || shift > 28) throw new Error('a compressed block has no size');
    size += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (size > maxSize) throw new Error(`a compressed block of ${size} bytes is too large`);
  const out = new Uint8Array(size);
  let end = 0;
  while (at < block.length) {
    const tag = block[at++] as number;
    if ((tag & 3) === LITERAL) {
      let length = (tag >>> 2) + 1;
      if (length > 60) {
        const extra = length - 60;
        if (at + extra > block.length) throw broken();
        length = 1;
        for (let index = 0; index < extra; index++) length += (block[at++] as number) * 2 ** (8 * index);
      }
      if (at + length > block.length || end + length > size) throw broken();
      out.set(block.subarray(at, at + length), end);
      at += length;
      end += length;
      continue;
    }
    let length = (tag >>> 2) + 1;
    let offset: number;
    if ((tag & 3) === COPY_1) {
      length = ((tag >>> 2) & 7) + 4;
      offset = ((tag & 0xe0) << 3) | (block[at] ?? 0);
      at += 1;
    } else if ((tag & 3) === COPY_2) {
      offset = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
      at += 2;
    } else {
      offset =
        ((block[at] ?? 0) | ((block[at + 1] ?? 0) << 8) | ((block[at + 2] ?? 0) << 16)) +
        (block[at + 3] ?? 0) * 2 ** 24;
      at += 4;
    }
    if (at > block.length || offset === 0 || offset > end || end + length > size) throw broken();
    if (offset >= length) out.copyWithin(end, end - offset, end - offset + length);
    // It may overlap itself, which repeats a pattern.
    else for (let index = 0; index < length; index++) out[end + index] = out[end + index - offset] as number;
    end += length;
  }
  if (end !== size) throw broken();
  return out;
}

function broken(): Error {
  return new Error('a compressed block is broken');
}

const LITERAL = 0;
const COPY_1 = 1;
const COPY_2 = 2;
