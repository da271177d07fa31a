/** A protocol version; version 2 adds windows per stream. */
export type Version = 1 | 2;

/** The commands of the wire (Go: cmdSYN … cmdUPD). */
export const Command = { SYN: 0, FIN: 1, PSH: 2, NOP: 3, UPD: 4 } as const;
export type Command = (typeof Command)[keyof typeof Command];

/**
 * What travels on the link: a header of eight bytes and, for PSH and UPD, a payload.
 *
 * ```text
 * version (1) | command (1) | payload length (2, little-endian) | stream ID (4, little-endian) | payload
 * ```
 */
export type Frame = SignalFrame | DataFrame | UpdateFrame;

/** Opens a stream (SYN), ends one direction of it (FIN), or just shows life (NOP). */
export interface SignalFrame extends AnyFrame {
  readonly command: typeof Command.SYN | typeof Command.FIN | typeof Command.NOP;
}

/** Bytes of a stream. */
export interface DataFrame extends AnyFrame {
  readonly command: typeof Command.PSH;
  readonly payload: Uint8Array;
}

/** Returns credit (version 2): what the reader has consumed in all, and how much beyond it may be sent. */
export interface UpdateFrame extends AnyFrame {
  readonly command: typeof Command.UPD;
  /** Bytes consumed since the stream began, modulo 2^32. */
  readonly consumed: number;
  /** Bytes, less than 2^31. */
  readonly window: number;
}

/** What every frame says. */
interface AnyFrame {
  readonly version: Version;
  /** Of the stream that it belongs to; 0 where it belongs to none. */
  readonly streamId: number;
}

/** Bytes of a header. */
export const HEADER_SIZE = 8;
/** Payload of a UPD frame: consumed (4, little-endian), window (4, little-endian). */
export const UPDATE_SIZE = 8;
/** The largest payload that a header can announce; a receiver takes it whatever its own `maxFrameSize` is. */
export const MAX_PAYLOAD_SIZE = 0xffff;
/** The window that every stream of version 2 starts with, whatever the peer's options are (Go: initialPeerWindow). */
export const INITIAL_WINDOW = 262_144;
