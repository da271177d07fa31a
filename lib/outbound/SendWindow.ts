import { ProtocolError } from '../errors.js';

/**
 * The peer's window, turned into one running limit of bytes that may be sent. All counts of the wire are modulo 2^32
 * (Go: stream.go, writeV2).
 */
export class SendWindow {
  readonly #sentBefore: number;

  /** @param sentBefore bytes sent before this count began, modulo 2^32 */
  constructor(sentBefore = 0) {
    this.#sentBefore = sentBefore;
  }

  /**
   * Takes a window update in; windows may shrink and counts go backwards.
   * @param sent bytes sent so far
   * @returns the bytes that may be sent in all
   * @throws ProtocolError `SMUX_ERR_CONSUMED` when the peer consumed more than was sent, `SMUX_ERR_WINDOW` for a window of 2^31
   * bytes or more, which a Go writer would take as a negative one and wait for ever
   */
  limitAfter(update: { readonly consumed: number; readonly window: number }, sent: number): number {
    // `| 0`: the difference of two counts modulo 2^32 is a signed number of 32 bits.
    const inFlight = (this.#sentBefore + sent - update.consumed) | 0;
    if (inFlight < 0) {
      throw new ProtocolError('SMUX_ERR_CONSUMED', `the peer consumed ${-inFlight} bytes more than were sent`);
    }
    if (update.window > MAX_WINDOW) {
      throw new ProtocolError('SMUX_ERR_WINDOW', `a window must be less than 2^31 bytes, got ${update.window}`);
    }
    return sent - inFlight + update.window;
  }
}

const MAX_WINDOW = 0x7fffffff;
