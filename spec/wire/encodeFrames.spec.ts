import { describe, expect, it } from 'vitest';
import { framesOf } from '../../lib/testing/index.js';
import { encodeFrames, frameSize } from '../../lib/wire/encodeFrames.js';
import { Command, type Frame } from '../../lib/wire/frame.js';
import { counting, hex, join, sizeOf, toHex } from '../helpers/bytes.js';
import { decodeAll, titledVectors } from '../helpers/vectors.js';

const v1 = framesOf(1);

describe('encodeFrames', () => {
  it.each(titledVectors)('writes what was recorded of %s', (_, vector) => {
    const frames = decodeAll([hex(vector.hex)], vector.version);
    expect(frames).toHaveLength(vector.frames.length);
    expect(toHex(join(encodeFrames(frames)))).toBe(vector.hex);
    expect(toHex(join(frames.flatMap((frame) => encodeFrames([frame]))))).toBe(vector.hex);
    expect(frames.map(frameSize).reduce((sum, size) => sum + size, 0)).toBe(vector.hex.length / 2);
  });

  it.each([
    [v1.syn(3), '01 00 0000 03000000'],
    [v1.syn(0x80000000), '01 00 0000 00000080'],
    [v1.syn(0xffffffff), '01 00 0000 ffffffff'],
    [{ version: 2, command: Command.NOP, streamId: 0 }, '02 03 0000 00000000'],
    [psh(5, 0), '01 02 0000 05000000'],
    [psh(5, 2), '01 02 0200 05000000 00 01'],
    [
      { version: 2, command: Command.UPD, streamId: 4, consumed: 1, window: 65_536 },
      '02 04 0800 04000000 01000000 00000100',
    ],
    [
      { version: 2, command: Command.UPD, streamId: 0x80000001, consumed: 0xffffffff, window: 0x7fffffff },
      '02 04 0800 01000080 ffffffff ffffff7f',
    ],
    [
      { version: 2, command: Command.UPD, streamId: 4, consumed: 0x80000000, window: 0 },
      '02 04 0800 04000000 00000080 00000000',
    ],
  ] satisfies [Frame, string][])('writes %j', (frame, expected) => {
    expect(toHex(join(encodeFrames([frame])))).toBe(toHex(hex(expected)));
  });

  it('writes nothing for no frames', () => {
    expect(encodeFrames([])).toStrictEqual([]);
  });

  it('gathers heads and small payloads in one slab', () => {
    const batch = encodeFrames([v1.syn(3), psh(3, 100), psh(5, 2048), v1.fin(3)]);
    expect(batch).toHaveLength(1);
    expect(batch[0]).toHaveLength(8 + 108 + 2056 + 8);
  });

  it('passes a large payload on as it is, between what is gathered before and behind it', () => {
    const large = psh(3, 2049);
    const alsoLarge = psh(5, 65_535);
    const batch = encodeFrames([v1.syn(3), large, alsoLarge, psh(3, 1)]);
    expect(batch.map(({ length }) => length)).toStrictEqual([16, 2049, 8, 65_535, 9]);
    expect(batch[1]).toBe(large.payload);
    expect(batch[3]).toBe(alsoLarge.payload);
    expect(new Set([batch[0], batch[2], batch[4]].map((part) => part?.buffer)).size).toBe(1);
  });

  it('adds no empty part behind a large payload', () => {
    expect(encodeFrames([psh(3, 5000)]).map(({ length }) => length)).toStrictEqual([8, 5000]);
  });

  it('never writes into a slab again that it has given away', () => {
    const first = encodeFrames([v1.syn(3), psh(3, 10)]);
    const copy = toHex(join(first));
    const second = encodeFrames([psh(5, 10), v1.syn(7)]);
    expect(second[0]?.buffer).not.toBe(first[0]?.buffer);
    expect(toHex(join(first))).toBe(copy);
  });

  it('copies small payloads: what happens to them later does not reach the wire', () => {
    const frame = psh(3, 4);
    const [slab] = encodeFrames([frame]);
    frame.payload.fill(0xee);
    expect(toHex(slab as Uint8Array)).toBe(toHex(hex('01 02 0400 03000000 00010203')));
  });

  it('refuses a payload that no header can announce, instead of cutting its length', () => {
    expect(sizeOf(encodeFrames([psh(3, 65_535)]))).toBe(65_543);
    expect(() => encodeFrames([psh(3, 65_536)])).toThrow(
      new RangeError('a payload must be at most 65535 bytes, got 65536'),
    );
  });
});

describe('frameSize', () => {
  it.each([
    [v1.syn(3), 8],
    [psh(3, 0), 8],
    [psh(3, 2048), 2056],
    [psh(3, 65_535), 65_543],
    [{ version: 2, command: Command.UPD, streamId: 3, consumed: 1, window: 2 }, 16],
  ] satisfies [Frame, number][])('counts the head and the whole payload (%#)', (frame, size) => {
    expect(frameSize(frame)).toBe(size);
    expect(sizeOf(encodeFrames([frame]))).toBe(size);
  });
});

function psh(streamId: number, size: number) {
  return v1.psh(streamId, counting(size));
}
