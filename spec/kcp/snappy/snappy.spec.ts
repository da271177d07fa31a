import { describe, expect, it } from 'vitest';
import { BlockCompressor } from '../../../lib/kcp/snappy/BlockCompressor.js';
import { maskedCrc32c } from '../../../lib/kcp/snappy/crc32c.js';
import { decompressBlock } from '../../../lib/kcp/snappy/decompressBlock.js';
import { SnappyDecoder } from '../../../lib/kcp/snappy/SnappyDecoder.js';
import { SnappyEncoder } from '../../../lib/kcp/snappy/SnappyEncoder.js';
import { counting, everyChunking, hex, join, toHex } from '../../helpers/bytes.js';
import { RandomBytes } from '../../helpers/random.js';

const text = (words: string) => new TextEncoder().encode(words);
const IDENTIFIER = 'ff060000734e61507059';
const SYN = hex('01 00 0000 03000000');

const encode = (...parts: readonly Uint8Array[]) => {
  const out: Uint8Array[] = [];
  new SnappyEncoder().encode(parts, (bytes) => out.push(new Uint8Array(bytes)));
  return join(out);
};
const decode = (...chunks: readonly Uint8Array[]) => {
  const out: Uint8Array[] = [];
  const decoder = new SnappyDecoder();
  for (const chunk of chunks) decoder.push(chunk, (bytes) => out.push(bytes));
  return join(out);
};
/** Bytes of many kinds: empty, short, repeating, random, texts, long runs. */
const samples = [
  new Uint8Array(0),
  counting(1),
  counting(15),
  counting(300),
  new Uint8Array(100_000),
  new RandomBytes(1).take(70_000),
  text('the quick brown fox jumps over the lazy dog. '.repeat(3000)),
  text(Array.from({ length: 5000 }, (_, at) => `line ${at * 7919} of the file\n`).join('')),
  join(Array.from({ length: 300 }, (_, at) => new RandomBytes((at % 5) + 1).take(1 + at))),
];

describe('maskedCrc32c', () => {
  it('masks the checksum of Castagnoli', () => {
    const masked = maskedCrc32c(text('123456789'));
    expect(masked).toBe((((0xe3069283 >>> 15) | (0xe3069283 << 17)) + 0xa282ead8) >>> 0);
  });
});

describe('BlockCompressor', () => {
  it.each(samples.map((sample) => sample.subarray(0, 65_536)))(
    'makes what decompresses to the same: sample %#',
    (sample) => {
      const compressor = new BlockCompressor();
      for (let time = 0; time < 2; time++) {
        expect(toHex(decompressBlock(compressor.compress(sample), 65_536))).toBe(toHex(sample));
      }
    },
  );

  it('makes much less of what repeats, and little more of what does not', () => {
    const compressor = new BlockCompressor();
    expect(compressor.compress(new Uint8Array(65_536)).length).toBeLessThan(4000);
    expect(compressor.compress(text('hello world '.repeat(1000))).length).toBeLessThan(700);
    expect(compressor.compress(new RandomBytes(1).take(65_536)).length).toBeLessThan(65_536 + 200);
  });
});

describe('decompressBlock', () => {
  it.each([
    ['00', ''],
    ['03 08 616263', '616263'],
    ['0a 04 6162 11 02', '6162' + '61626162' + '61626162'], // copy of 8, offset 2, 1-byte form
    ['06 04 6162 0e 0200', '616261626162'], // copy of 4, 2-byte form
    ['06 04 6162 0f 02000000', '616261626162'], // 4-byte form
    ['05 f0 04 6162636465', '6162636465'], // length in one more byte
    ['05 f4 0400 6162636465', '6162636465'], // in two
    ['05 f8 040000 6162636465', '6162636465'],
    ['05 fc 04000000 6162636465', '6162636465'],
  ])('reads %s', (block, expected) => {
    expect(toHex(decompressBlock(hex(block), 100))).toBe(expected);
  });

  it.each([
    ['no size', ''],
    ['an endless size', 'ffffffffffff'],
    ['too large a size', '65'],
    ['too few bytes', '03 04 6162'],
    ['too many bytes', '01 04 6162'],
    ['a literal beyond the end', '03 08 6162'],
    ['an offset of 0', '08 00 61 0d 00'],
    ['an offset before the beginning', '08 00 61 0d 02'],
    ['a copy beyond the size', '03 00 61 0d 01'],
    ['half a copy', '08 00 61 0e 01'],
    ['half a length', '05 f4 04'],
  ])('throws for %s', (_, block) => {
    expect(() => decompressBlock(hex(block), 100)).toThrow(/compressed block/);
  });

  it('throws, or makes no more than allowed, of random bytes', () => {
    const random = new RandomBytes(4);
    for (let round = 0; round < 20_000; round++) {
      const block = random.take(1 + (round % 50));
      block[0] = (block[0] as number) & 0x7f;
      try {
        expect(decompressBlock(block, 100).length).toBeLessThanOrEqual(100);
      } catch (error) {
        expect((error as Error).message).toMatch(/compressed block/);
      }
    }
  });
});

describe('SnappyEncoder', () => {
  it('writes the identifier and a SYN as kcptun does', () => {
    expect(toHex(encode(SYN))).toBe(`${IDENTIFIER}010c00004439ac2f0100000003000000`);
  });

  it.each(samples)('writes what decodes to the same: sample %#', (sample) => {
    expect(toHex(decode(encode(sample.subarray(0, 10), sample.subarray(10))))).toBe(toHex(sample));
  });
});

describe('SnappyDecoder', () => {
  const stream = hex(`${IDENTIFIER} 010c0000 4439ac2f 0100000003000000 fe030000 000000 800000 00`);

  it('reads it in every chunking', () => {
    for (const chunks of everyChunking(stream)) expect(toHex(decode(...chunks))).toBe(toHex(SYN));
  });

  it('reads large chunks in every chunking', () => {
    const all = encode(samples[7] as Uint8Array);
    for (const size of [1, 7, 1326, 65_536]) {
      const chunks = Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
        all.subarray(at * size, (at + 1) * size),
      );
      expect(decode(...chunks)).toEqual(samples[7]);
    }
  });

  it('reads a second identifier in the middle', () => {
    expect(toHex(decode(join([stream, stream])))).toBe(toHex(join([SYN, SYN])));
  });

  it.each([
    ['what is not compressed', '01 00 0000 03000000', 'the peer does not compress'],
    ['another identifier', 'ff060000 734e61507058', 'a wrong stream identifier'],
    ['an identifier of another size', `${IDENTIFIER} ff050000 734e615070`, 'a wrong stream identifier'],
    ['a chunk before the identifier', '010c0000 4439ac2f 0100000003000000', 'the peer does not compress'],
    ['a wrong checksum', `${IDENTIFIER} 010c0000 4439ac2e 0100000003000000`, 'a wrong checksum'],
    ['an unknown chunk', `${IDENTIFIER} 02000000`, 'the unknown type 2'],
    ['a chunk too short for its checksum', `${IDENTIFIER} 01030000 000000`, 'a chunk of 3 bytes'],
    ['a chunk that is too long', `${IDENTIFIER} 00ffff7f`, 'a chunk of 8388607 bytes'],
    ['a plain chunk that is too long', `${IDENTIFIER} 01050001${'00'.repeat(65_541)}`, 'a chunk of 65537 bytes'],
    ['a block that is broken', `${IDENTIFIER} 00060000 00000000 0508`, 'a compressed block is broken'],
  ])('throws for %s', (_, bytes, message) => {
    expect(() => decode(hex(bytes))).toThrow(expect.objectContaining({ code: 'SMUX_ERR_COMPRESSION' }));
    expect(() => decode(hex(bytes))).toThrow(message);
  });
});
