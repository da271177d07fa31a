import { describe, expect, it } from 'vitest';
import { Command, HEADER_SIZE, INITIAL_WINDOW, MAX_PAYLOAD_SIZE, UPDATE_SIZE } from '../../lib/wire/frame.js';

describe('the numbers of the wire', () => {
  it('are those of Go', () => {
    expect(Command).toStrictEqual({ SYN: 0, FIN: 1, PSH: 2, NOP: 3, UPD: 4 });
    expect([HEADER_SIZE, UPDATE_SIZE, MAX_PAYLOAD_SIZE, INITIAL_WINDOW]).toStrictEqual([8, 8, 65_535, 262_144]);
  });
});
