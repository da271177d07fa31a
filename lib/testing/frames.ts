import { Command, type DataFrame, type SignalFrame, type UpdateFrame, type Version } from '../wire/frame.js';
import { utf8 } from './utf8.js';

/**
 * Builders of frames for one version of the protocol; see {@link syn} and its siblings, which are those of version 2.
 *
 * ```ts
 * const { syn, psh } = framesOf(1);
 * ```
 */
export function framesOf(version: Version): FrameBuilders {
  return {
    syn: (streamId) => ({ version, command: Command.SYN, streamId }),
    fin: (streamId) => ({ version, command: Command.FIN, streamId }),
    nop: () => ({ version, command: Command.NOP, streamId: 0 }),
    psh: (streamId, payload) => ({
      version,
      command: Command.PSH,
      streamId,
      payload: typeof payload === 'string' ? utf8(payload) : payload,
    }),
    upd: (streamId, consumed, window) => ({ version, command: Command.UPD, streamId, consumed, window }),
  };
}

/** One builder for each command of the wire. */
export interface FrameBuilders {
  /** Opens a stream. */
  syn(streamId: number): SignalFrame;
  /** Ends one direction of a stream. */
  fin(streamId: number): SignalFrame;
  /** Shows life. */
  nop(): SignalFrame;
  /** Carries bytes of a stream. @param payload bytes, or text, which is sent as UTF-8 */
  psh(streamId: number, payload: string | Uint8Array): DataFrame;
  /** Returns credit, in version 2. @param consumed bytes since the stream began @param window how many more may be sent */
  upd(streamId: number, consumed: number, window: number): UpdateFrame;
}

const version2 = framesOf(2);
/** A frame of version 2 that opens a stream. */
export const syn = version2.syn;
/** A frame of version 2 that ends one direction of a stream. */
export const fin = version2.fin;
/** A frame of version 2 that shows life. */
export const nop = version2.nop;
/** A frame of version 2 with bytes of a stream, or text, which is sent as UTF-8. */
export const psh = version2.psh;
/** A frame of version 2 that returns credit: bytes consumed since the stream began, and how many more may be sent. */
export const upd = version2.upd;
