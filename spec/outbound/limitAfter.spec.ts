import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../lib/errors.js';
import { limitAfter } from '../../lib/outbound/limitAfter.js';

describe('limitAfter', () => {
  describe.each([
    ['at the beginning', 0],
    ['before 2^31', 2 ** 31 - 1500],
    ['before 2^32', 2 ** 32 - 1500],
    ['at 2^32', 2 ** 32],
    ['far beyond 2^32', 7 * 2 ** 32 - 1500],
  ])('%s', (_, before) => {
    /** What may be sent in all, when `sent` bytes were and the peer says that it has consumed so many of them. */
    const limit = (consumed: number, window: number, sent: number) =>
      limitAfter({ consumed: mod32(before + consumed), window }, sent, before % 2 ** 32);

    it.each([
      { what: 'all was consumed', consumed: 1000, window: 65_536, sent: 1000, limit: 66_536 },
      { what: 'some is in flight', consumed: 400, window: 65_536, sent: 1000, limit: 65_936 },
      { what: 'nothing was consumed, right behind SYN', consumed: 0, window: 65_536, sent: 0, limit: 65_536 },
      {
        what: 'nothing was consumed, and the window is large',
        consumed: 0,
        window: 1_048_576,
        sent: 0,
        limit: 1_048_576,
      },
      { what: 'the window is 0', consumed: 1000, window: 0, sent: 1000, limit: 1000 },
      { what: 'the window has shrunk below what is in flight', consumed: 1000, window: 500, sent: 2000, limit: 1500 },
      { what: 'the window has shrunk, then all was consumed', consumed: 2000, window: 1000, sent: 2000, limit: 3000 },
      { what: 'the window is the largest', consumed: 2, window: 2 ** 31 - 1, sent: 2, limit: 2 ** 31 + 1 },
      { what: 'the count went backwards', consumed: -1, window: 65_536, sent: 0, limit: 65_535 },
      { what: 'the count went far backwards', consumed: -70_000, window: 65_536, sent: 1000, limit: -4464 },
      {
        what: '2^31 - 1 bytes are in flight',
        consumed: -(2 ** 31 - 1),
        window: 65_536,
        sent: 0,
        limit: 65_536 - 2 ** 31 + 1,
      },
      {
        what: 'the count is 2^31 + 1 ahead, which is a count behind',
        consumed: 2 ** 31 + 1,
        window: 10,
        sent: 0,
        limit: 11 - 2 ** 31,
      },
    ])('allows $limit bytes when $what', ({ consumed, window, sent, limit: expected }) => {
      expect(limit(consumed, window, sent)).toBe(expected);
    });

    it.each([
      { consumed: 1, sent: 0, excess: 1 },
      { consumed: 1001, sent: 1000, excess: 1 },
      { consumed: 2 ** 31 - 1, sent: 0, excess: 2 ** 31 - 1 },
      { consumed: 2 ** 31, sent: 0, excess: 2 ** 31 },
    ])('fails with SMUX_ERR_CONSUMED when $consumed were consumed of $sent', ({ consumed, sent, excess }) => {
      expect(() => limit(consumed, 65_536, sent)).toThrow(
        new ProtocolError('SMUX_ERR_CONSUMED', `the peer consumed ${excess} bytes more than were sent`),
      );
    });

    it.each([2 ** 31, 2 ** 32 - 1])('fails with SMUX_ERR_WINDOW on a window of %i', (window) => {
      expect(() => limit(0, window, 0)).toThrow(
        new ProtocolError('SMUX_ERR_WINDOW', `a window must be less than 2^31 bytes, got ${window}`),
      );
    });

    it('computes as Go does, with numbers of 32 bits', () => {
      const anyUint32 = fc.integer({ min: 0, max: 0xffffffff });
      fc.assert(
        fc.property(anyUint32, fc.integer({ min: 0, max: 0x7fffffff }), fc.nat(), (consumed, window, sent) => {
          const inFlight = BigInt.asIntN(32, BigInt(before + sent) - BigInt(consumed));
          const update = () => limitAfter({ consumed, window }, sent, mod32(before));
          if (inFlight < 0n) expect(update).toThrow(ProtocolError);
          else expect(BigInt(update() - sent)).toBe(BigInt(window) - inFlight);
        }),
        { numRuns: 500, seed: 1 },
      );
    });
  });

  it('keeps counting where a stream has sent more than 2^32 bytes itself', () => {
    const sent = 5 * 2 ** 32 + 1000;
    expect(limitAfter({ consumed: 400, window: 65_536 }, sent)).toBe(sent - 600 + 65_536);
  });
});

function mod32(count: number): number {
  return ((count % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
