import { ProtocolError } from '../errors.js';
import { type WindowUpdate } from '../inbound/windowUpdates.js';

/**
 * The bytes that may be sent in all behind a window update; windows may shrink and counts go backwards. All counts of the wire are
 * modulo 2^32 (Go: stream.go, writeV2).
 * @param sent bytes sent so far
 * @param before where the peer's count began
 * @throws ProtocolError `SMUX_ERR_CONSUMED` when the peer consumed more than was sent, `SMUX_ERR_WINDOW` for a window of 2^31
 * bytes or more, which a Go writer would take as a negative one and wait for ever
 */
export function limitAfter({ consumed, window }: WindowUpdate, sent: number, before = 0): number {
  // `| 0`: the difference of two counts modulo 2^32 is a signed number of 32 bits.
  const inFlight = (before + sent - consumed) | 0;
  if (inFlight < 0) {
    throw new ProtocolError('SMUX_ERR_CONSUMED', `the peer consumed ${-inFlight} bytes more than were sent`);
  }
  if (window >= 2 ** 31) {
    throw new ProtocolError('SMUX_ERR_WINDOW', `a window must be less than 2^31 bytes, got ${window}`);
  }
  return sent - inFlight + window;
}
