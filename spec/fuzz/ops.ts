import * as fc from 'fast-check';
import { encodeFrames } from '../../lib/wire/encodeFrames.js';
import { Command, type Frame, type Version } from '../../lib/wire/frame.js';

/** Bytes that a peer sends: frames as they should be, frames that are nearly so, and anything at all. */
export const peerBytes = (version: Version): fc.Arbitrary<Uint8Array> => {
  const streamId = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 9 }) },
    fc.integer({ min: 0, max: 0xffffffff }),
  );
  const u32 = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 70_000 }) },
    fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff, 262_144),
  );
  const signal = fc.record({
    version: fc.constant(version),
    command: fc.constantFrom(Command.SYN, Command.FIN, Command.NOP),
    streamId,
  });
  const data = fc.record({
    version: fc.constant(version),
    command: fc.constant(Command.PSH),
    streamId,
    payload: fc
      .oneof({ weight: 6, arbitrary: fc.nat({ max: 40 }) }, fc.nat({ max: 65_535 }))
      .map((size) => new Uint8Array(size).fill(size)),
  });
  const update = fc.record({
    version: fc.constant(version),
    command: fc.constant(Command.UPD),
    streamId,
    consumed: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, u32),
    window: u32,
  });
  const frame = (version === 2 ? fc.oneof(signal, data, update) : fc.oneof(signal, data)) as fc.Arbitrary<Frame>;
  const valid = frame.map((one) => new Uint8Array(Buffer.concat(encodeFrames([one]))));
  // One bit of the header is not what it should be.
  const nearly = fc.tuple(valid, fc.nat({ max: 63 })).map(([bytes, bit]) => {
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    return bytes;
  });
  return fc.oneof(
    { weight: 100, arbitrary: valid },
    { weight: 1, arbitrary: nearly },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  );
};
