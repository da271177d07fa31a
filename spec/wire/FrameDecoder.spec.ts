import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../lib/errors.js';
import { framesOf } from '../../lib/testing/index.js';
import { encodeFrames } from '../../lib/wire/encodeFrames.js';
import { FrameDecoder } from '../../lib/wire/FrameDecoder.js';
import { Command, type Frame, type Version } from '../../lib/wire/frame.js';
import { counting, cut, cutInTurns, everyChunking, hex, join } from '../helpers/bytes.js';
import {
  decodeAll,
  goVectors,
  into,
  joinPieces,
  payloadSizes,
  push,
  recorded,
  titledVectors,
} from '../helpers/vectors.js';

describe('FrameDecoder', () => {
  it('has vectors of both Go versions, protocol versions and roles to decode', () => {
    const kinds = new Set(goVectors.map(({ smux, version, role }) => `${smux} v${version} ${role}`));
    expect(kinds.size).toBe(8);
    expect(goVectors.length).toBeGreaterThanOrEqual(100);
  });

  it.each(titledVectors)('decodes, however it is cut, what was recorded of %s', (_, vector) => {
    const bytes = hex(vector.hex);
    const sizes = payloadSizes(vector.frames);
    for (const chunks of everyChunking(bytes)) {
      const frames = joinPieces(decodeAll(chunks, vector.version), sizes);
      expect(recorded(frames)).toStrictEqual(vector.frames);
    }
    expect(recorded(joinPieces(decodeAll(cut(bytes, 3), 'auto'), sizes))).toStrictEqual(vector.frames);
  });

  it('decodes any frames in any chunks to what was encoded', () => {
    fc.assert(
      fc.property(anyFrames, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (frames, sizes) => {
        const payloads = frames.flatMap((frame) => (frame.command === Command.PSH ? [frame.payload.length] : []));
        const version = frames[0]?.version ?? 'auto';
        const decoded = decodeAll(cutInTurns(join(encodeFrames(frames)), sizes), version);
        expect(joinPieces(decoded, payloads)).toStrictEqual(frames);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('takes the largest payload that a header can announce', () => {
    const payload = counting(65_535);
    const chunks = [hex('01 02 ffff 03000000'), payload, hex('01 03 0000 00000000')];
    expect(decodeAll([join(chunks)], 1)).toStrictEqual([psh(1, 3, payload), { version: 1, command: 3, streamId: 0 }]);
  });

  it.each([
    ['just below 2^31', 'ffffff7f', 0x7fffffff],
    ['2^31', '00000080', 0x80000000],
    ['2^32 - 2', 'feffffff', 0xfffffffe],
    ['2^32 - 1', 'ffffffff', 0xffffffff],
    ['0', '00000000', 0],
  ])('reads IDs, counts and windows of %s as unsigned', (_, digits, value) => {
    const bytes = hex(`02 00 0000 ${digits}  02 02 0100 ${digits} 2a  02 04 0800 ${digits} ${digits} ${digits}`);
    for (const chunks of everyChunking(bytes)) {
      expect(joinPieces(decodeAll(chunks, 2), [1])).toStrictEqual([
        { version: 2, command: Command.SYN, streamId: value },
        psh(2, value, hex('2a')),
        { version: 2, command: Command.UPD, streamId: value, consumed: value, window: value },
      ]);
    }
  });

  describe('on PSH', () => {
    it('passes a payload on as it arrives, one piece a chunk touched, as views', () => {
      const chunks = [hex('01 02 0600 03000000 0a 0b'), hex('0c 0d'), hex('0e 0f 01 01 0000 03000000')];
      const decoder = new FrameDecoder(1);
      const [first, second, third] = chunks.map((chunk) => push(decoder, chunk));
      expect(first).toStrictEqual([psh(1, 3, hex('0a 0b'))]);
      expect(second).toStrictEqual([psh(1, 3, hex('0c 0d'))]);
      expect(third).toStrictEqual([psh(1, 3, hex('0e 0f')), { version: 1, command: Command.FIN, streamId: 3 }]);
      const buffers = [first, second, third].map((frames) => payloadOf(frames?.[0]).buffer);
      buffers.forEach((buffer, at) => {
        expect(buffer).toBe(chunks[at]?.buffer);
      });
    });

    it('hands a chunk that is payload from end to end on itself', () => {
      const decoder = new FrameDecoder(1);
      const chunk = hex('0a 0b 0c');
      expect(push(decoder, hex('01 02 0400 03000000'))).toStrictEqual([]);
      expect(payloadOf(push(decoder, chunk)[0])).toBe(chunk);
    });

    it('tells of an empty one at once, and once', () => {
      const decoder = new FrameDecoder(1);
      expect(push(decoder, hex('01 02 0000 030000'))).toStrictEqual([]);
      expect(push(decoder, hex('00'))).toStrictEqual([psh(1, 3, new Uint8Array(0))]);
      expect(() => decoder.end()).not.toThrow();
      expect(push(decoder, hex('01 01 0000 03000000'))).toHaveLength(1);
    });
  });

  describe('told to detect the version', () => {
    it.each([1, 2] as const)('takes version %i from the first frame', (version) => {
      for (const chunks of everyChunking(hex(`0${version} 00 0000 03000000  0${version} 01 0000 03000000`))) {
        expect(decodeAll(chunks, 'auto').map((frame) => frame.version)).toStrictEqual([version, version]);
      }
    });

    it('holds the peer to it from then on', () => {
      const decoder = new FrameDecoder('auto');
      expect(push(decoder, hex('02 03 0000 00000000'))).toHaveLength(1);
      expect(() => push(decoder, hex('01'))).toThrow('expected version 2, got 1');
    });
  });

  describe('fails at the first field that is wrong, with a code:', () => {
    const version2Syn = '02 00 0000 03000000';
    it.each([
      { rule: 'the version is 1 or 2', version: 'auto', bad: '00', code: 'SMUX_ERR_VERSION', says: '1 or 2, got 0' },
      { rule: 'the version is 1 or 2', version: 'auto', bad: '03', code: 'SMUX_ERR_VERSION', says: '1 or 2, got 3' },
      { rule: 'no HTTP', version: 'auto', bad: '47', code: 'SMUX_ERR_VERSION', says: '1 or 2, got 71' },
      { rule: 'version 1', version: 1, bad: '02', code: 'SMUX_ERR_VERSION', says: 'expected version 1, got 2' },
      { rule: 'version 2', version: 2, bad: '01', code: 'SMUX_ERR_VERSION', says: 'expected version 2, got 1' },
      { rule: 'in every frame', version: 2, good: version2Syn, bad: '01', code: 'SMUX_ERR_VERSION', says: '2, got 1' },
      {
        rule: 'a known command',
        version: 2,
        bad: '02 05',
        code: 'SMUX_ERR_COMMAND',
        says: 'version 2 has no command 5',
      },
      { rule: 'a known command', version: 1, bad: '01 ff', code: 'SMUX_ERR_COMMAND', says: 'has no command 255' },
      {
        rule: 'no UPD in version 1',
        version: 1,
        bad: '01 04',
        code: 'SMUX_ERR_COMMAND',
        says: 'version 1 has no command 4',
      },
      {
        rule: 'no UPD in version 1',
        version: 'auto',
        bad: '01 04',
        code: 'SMUX_ERR_COMMAND',
        says: '1 has no command 4',
      },
      {
        rule: 'SYN is empty',
        version: 1,
        bad: '01 00 0100',
        code: 'SMUX_ERR_LENGTH',
        says: 'SYN must have a payload of 0 bytes, got 1',
      },
      { rule: 'SYN is empty', version: 2, bad: '02 00 0001', code: 'SMUX_ERR_LENGTH', says: 'got 256' },
      {
        rule: 'FIN is empty',
        version: 2,
        bad: '02 01 ffff',
        code: 'SMUX_ERR_LENGTH',
        says: 'FIN must have a payload of 0 bytes, got 65535',
      },
      {
        rule: 'NOP is empty',
        version: 1,
        bad: '01 03 0400',
        code: 'SMUX_ERR_LENGTH',
        says: 'NOP must have a payload of 0 bytes, got 4',
      },
      {
        rule: 'UPD has 8 bytes',
        version: 2,
        bad: '02 04 0700',
        code: 'SMUX_ERR_LENGTH',
        says: 'UPD must have a payload of 8 bytes, got 7',
      },
      { rule: 'UPD has 8 bytes', version: 2, bad: '02 04 0900', code: 'SMUX_ERR_LENGTH', says: 'got 9' },
      { rule: 'UPD has 8 bytes', version: 2, bad: '02 04 0000', code: 'SMUX_ERR_LENGTH', says: 'got 0' },
      {
        rule: 'UPD has 8 bytes',
        version: 2,
        good: version2Syn,
        bad: '02 04 0801',
        code: 'SMUX_ERR_LENGTH',
        says: 'got 264',
      },
    ] as const)('$rule ($bad gets $code)', (broken) => {
      const good = hex('good' in broken ? broken.good : '');
      const bad = hex(broken.bad);
      for (const tail of [new Uint8Array(0), new Uint8Array(20)]) {
        for (const chunks of everyChunking(join([good, bad, tail]))) {
          const { frames, error, fed } = decodeUntilError(chunks, broken.version);
          expect(frames).toHaveLength(good.length / 8);
          expect(error).toMatchObject({ name: 'ProtocolError', code: broken.code });
          expect((error as Error).message).toContain(broken.says);
          // Not one chunk later than the one that the wrong field ends in.
          const sizes = chunks.map(({ length }) => length);
          expect(sum(sizes.slice(0, fed - 1))).toBeLessThan(good.length + bad.length);
        }
      }
    });

    it('has yielded the frames before the error', () => {
      const decoder = new FrameDecoder(1);
      const frames: Frame[] = [];
      expect(() => {
        decoder.push(hex('01 00 0000 03000000  01 02 0100 03000000 2a  01 09'), into(frames));
      }).toThrow(ProtocolError);
      expect(frames).toStrictEqual([{ version: 1, command: Command.SYN, streamId: 3 }, psh(1, 3, hex('2a'))]);
    });
  });

  describe('at the end of input', () => {
    it.each([
      ['nothing was there', ''],
      ['a frame was whole', '02 00 0000 03000000'],
      ['a payload was whole', '02 02 0200 03000000 0a0b'],
      ['an empty payload was whole', '02 02 0000 03000000'],
      ['an update was whole', '02 04 0800 03000000 01000000 02000000'],
    ])('is content when %s', (_, bytes) => {
      expect(() => decodeAll([hex(bytes)], 2)).not.toThrow();
    });

    it.each([
      ['02', '1 bytes into its head'],
      ['02 00 0000 030000', '7 bytes into its head'],
      ['02 04 08', '3 bytes into its head'],
      ['02 04 0800 03000000', '8 bytes into its head'],
      ['02 04 0800 03000000 01000000 020000', '15 bytes into its head'],
      ['02 02 0200 03000000', '2 bytes before its end'],
      ['02 02 0200 03000000 0a', '1 bytes before its end'],
    ])('inside a frame (%s) gets SMUX_ERR_TRUNCATED: %s', (bytes, says) => {
      for (const chunks of everyChunking(hex(bytes))) {
        expect(() => decodeAll(chunks, 2)).toThrow(
          new ProtocolError('SMUX_ERR_TRUNCATED', `the input ended inside a frame, ${says}`),
        );
      }
    });
  });

  it('makes frames or a ProtocolError of any bytes', () => {
    const bytesLikeFrames = fc
      .array(
        fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(hex('02 00'), hex('02 02 0300'), hex('02 04 0800'))),
      )
      .map(join);
    fc.assert(
      fc.property(bytesLikeFrames, fc.constantFrom<Version | 'auto'>(1, 2, 'auto'), (bytes, version) => {
        try {
          decodeAll([bytes], version);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});

const anyUint32 = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 0x7fffffff, 0x80000000, 0xffffffff),
);
const anyFrames = fc.constantFrom<Version>(1, 2).chain((version) => {
  const signal = fc.record({
    version: fc.constant(version),
    command: fc.constantFrom(Command.SYN, Command.FIN, Command.NOP),
    streamId: anyUint32,
  });
  const data = fc.record({
    version: fc.constant(version),
    command: fc.constant(Command.PSH),
    streamId: anyUint32,
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.integer({ min: 2040, max: 5000 }).map((size) => counting(size)),
    ),
  });
  const update = fc.record({
    version: fc.constant(version),
    command: fc.constant(Command.UPD),
    streamId: anyUint32,
    consumed: anyUint32,
    window: anyUint32,
  });
  const frame: fc.Arbitrary<Frame> = version === 1 ? fc.oneof(signal, data) : fc.oneof(signal, data, update);
  return fc.array(
    frame.map((made): Frame => ({ ...made })),
    { maxLength: 20 },
  );
});

function psh(version: Version, streamId: number, payload: Uint8Array): Frame {
  return framesOf(version).psh(streamId, payload);
}

function payloadOf(frame: Frame | undefined): Uint8Array {
  if (frame?.command !== Command.PSH) throw new Error('not a PSH frame');
  return frame.payload;
}

function decodeUntilError(chunks: readonly Uint8Array[], version: Version | 'auto') {
  const decoder = new FrameDecoder(version);
  const frames: Frame[] = [];
  let fed = 0;
  try {
    for (const chunk of chunks) {
      fed++;
      decoder.push(chunk, into(frames));
    }
  } catch (error) {
    return { frames, error, fed };
  }
  return { frames, error: undefined, fed };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
