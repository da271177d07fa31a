/** Compresses blocks of at most 65536 bytes to raw snappy: greedy, with a hash of four bytes, faster where nothing repeats. */
export class BlockCompressor {
  readonly #table = new Uint16Array(1 << HASH_BITS);
  readonly #out = new Uint8Array(MAX_COMPRESSED_SIZE);
  #end = 0;

  /** The result is overwritten by the next call. */
  compress(bytes: Uint8Array): Uint8Array {
    this.#end = 0;
    this.#writeSize(bytes.length);
    if (bytes.length < MIN_SIZE) {
      if (bytes.length > 0) this.#writeLiteral(bytes, 0, bytes.length);
    } else this.#writeMatches(bytes);
    return this.#out.subarray(0, this.#end);
  }

  #writeMatches(bytes: Uint8Array): void {
    const table = this.#table.fill(0);
    const limit = bytes.length - MARGIN;
    let literalFrom = 0;
    let at = 1;
    let misses = 0;
    while (at < limit) {
      const word = wordAt(bytes, at);
      const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
      const candidate = table[slot] as number;
      table[slot] = at;
      if (wordAt(bytes, candidate) !== word) {
        // The longer nothing has repeated, the larger the steps.
        at += 1 + (misses++ >> 5);
        continue;
      }
      let length = 4;
      while (at + length < bytes.length && bytes[candidate + length] === bytes[at + length]) length++;
      if (literalFrom < at) this.#writeLiteral(bytes, literalFrom, at);
      this.#writeCopy(at - candidate, length);
      at += length;
      literalFrom = at;
      misses = 0;
    }
    if (literalFrom < bytes.length) this.#writeLiteral(bytes, literalFrom, bytes.length);
  }

  #writeSize(size: number): void {
    let rest = size;
    for (; rest >= 0x80; rest >>>= 7) this.#out[this.#end++] = rest | 0x80;
    this.#out[this.#end++] = rest;
  }

  #writeLiteral(bytes: Uint8Array, from: number, to: number): void {
    const out = this.#out;
    const last = to - from - 1;
    if (last < 60) {
      out[this.#end++] = last << 2;
    } else if (last < 0x100) {
      out[this.#end++] = 60 << 2;
      out[this.#end++] = last;
    } else {
      out[this.#end++] = 61 << 2;
      out[this.#end++] = last;
      out[this.#end++] = last >>> 8;
    }
    out.set(bytes.subarray(from, to), this.#end);
    this.#end += to - from;
  }

  #writeCopy(offset: number, length: number): void {
    const out = this.#out;
    for (let left = length; left > 0; ) {
      const size = Math.min(left, MAX_COPY);
      if (size >= 4 && size < 12 && offset < 2048) {
        out[this.#end++] = ((offset >>> 8) << 5) | ((size - 4) << 2) | 1;
        out[this.#end++] = offset;
      } else {
        out[this.#end++] = ((size - 1) << 2) | 2;
        out[this.#end++] = offset;
        out[this.#end++] = offset >>> 8;
      }
      left -= size;
    }
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

const HASH_BITS = 13;
const MIN_SIZE = 16;
/** Bytes at the end where no match begins. */
const MARGIN = 4;
const MAX_COPY = 64;
/** What 65536 bytes become at worst. */
const MAX_COMPRESSED_SIZE = 76_490;
