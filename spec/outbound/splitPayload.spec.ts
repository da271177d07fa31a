import { describe, expect, it } from 'vitest';
import { splitPayload } from '../../lib/outbound/splitPayload.js';
import { counting, join } from '../helpers/bytes.js';

describe('splitPayload', () => {
  it.each([
    [0, 100, [0]],
    [1, 100, [1]],
    [99, 100, [99]],
    [100, 100, [100]],
    [101, 100, [100, 1]],
    [200, 100, [100, 100]],
    [250, 100, [100, 100, 50]],
    [3, 1, [1, 1, 1]],
    [65_536, 65_535, [65_535, 1]],
  ])('cuts %i bytes to frames of at most %i: %j', (size, maxSize, sizes) => {
    const chunk = counting(size);
    const pieces = [...splitPayload(chunk, maxSize)];
    expect(pieces.map(({ length }) => length)).toStrictEqual(sizes);
    expect(join(pieces)).toStrictEqual(chunk);
  });

  it('copies nothing', () => {
    const chunk = counting(100);
    expect([...splitPayload(chunk, 100)][0]).toBe(chunk);
    for (const piece of splitPayload(chunk, 30)) expect(piece.buffer).toBe(chunk.buffer);
  });
});
