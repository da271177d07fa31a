import { ProtocolError } from '../errors.js';
import { Command, type Frame, HEADER_SIZE, UPDATE_SIZE, type Version } from './frame.js';

/** Takes decoded frames, until it is closed. */
export interface FrameSink {
  readonly closed: boolean;
  next(frame: Frame): void;
}

/**
 * Cuts chunks into frames, however the chunks happen to be split. Holds at most one header and one window update: the
 * payload of a PSH frame is passed on as it arrives, one piece a chunk touched, as views.
 */
export class FrameDecoder {
  #version: Version | undefined;
  /** The head of a frame that the last chunk broke off in. */
  readonly #partial = new Uint8Array(HEADER_SIZE + UPDATE_SIZE);
  #partialSize = 0;
  #streamId = 0;
  #payloadLeft = 0;

  /** @param version the only one to accept; `'auto'` takes it from the first frame */
  constructor(version: Version | 'auto') {
    this.#version = version === 'auto' ? undefined : version;
  }

  /** @throws ProtocolError at the first bytes that are not a frame; `sink` has got the frames before them */
  push(chunk: Uint8Array, sink: FrameSink): void {
    let at = 0;
    while (at < chunk.length && !sink.closed) {
      if (this.#payloadLeft > 0) {
        const end = Math.min(at + this.#payloadLeft, chunk.length);
        const payload = at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end);
        this.#payloadLeft -= end - at;
        at = end;
        sink.next({ version: this.#version as Version, command: Command.PSH, streamId: this.#streamId, payload });
      } else {
        const size = this.#partialSize === 0 ? this.#takeHead(chunk, at, chunk.length, sink) : 0;
        at += size;
        if (size > 0) continue;
        this.#partial[this.#partialSize++] = chunk[at++] as number;
        if (this.#takeHead(this.#partial, 0, this.#partialSize, sink) > 0) this.#partialSize = 0;
      }
    }
  }

  /** @throws ProtocolError if the input stopped inside a frame */
  end(): void {
    if (this.#partialSize === 0 && this.#payloadLeft === 0) return;
    const where =
      this.#payloadLeft > 0 ? `${this.#payloadLeft} bytes before its end` : `${this.#partialSize} bytes into its head`;
    throw new ProtocolError('SMUX_ERR_TRUNCATED', `the input ended inside a frame, ${where}`);
  }

  /**
   * Takes the head of a frame, if it is there before `end`: its header, for UPD its payload too. Fails at the first field that is
   * wrong, as soon as it is there, so that a peer of another kind is not waited for.
   * @returns bytes taken
   */
  #takeHead(bytes: Uint8Array, at: number, end: number, sink: FrameSink): number {
    const version = bytes[at] as Version;
    if (this.#version === undefined ? version !== 1 && version !== 2 : version !== this.#version) {
      const expected = this.#version ?? '1 or 2';
      throw new ProtocolError('SMUX_ERR_VERSION', `expected version ${expected}, got ${version}`);
    }
    if (at + 1 >= end) return 0;
    const command = bytes[at + 1] as Command;
    if (command > Command.UPD || (command === Command.UPD && version === 1)) {
      throw new ProtocolError('SMUX_ERR_COMMAND', `version ${version} has no command ${command}`);
    }
    if (at + 3 >= end) return 0;
    const length = readUint16(bytes, at + 2);
    const expected = command === Command.UPD ? UPDATE_SIZE : 0;
    if (command !== Command.PSH && length !== expected) {
      const name = ['SYN', 'FIN', 'PSH', 'NOP', 'UPD'][command];
      throw new ProtocolError('SMUX_ERR_LENGTH', `${name} must have a payload of ${expected} bytes, got ${length}`);
    }
    if (at + HEADER_SIZE + expected > end) return 0;
    const streamId = readUint32(bytes, at + 4);
    this.#version = version;
    if (command === Command.UPD) {
      const consumed = readUint32(bytes, at + HEADER_SIZE);
      const window = readUint32(bytes, at + HEADER_SIZE + 4);
      sink.next({ version, command, streamId, consumed, window });
    } else if (command !== Command.PSH) {
      sink.next({ version, command, streamId });
    } else {
      this.#streamId = streamId;
      this.#payloadLeft = length;
      // An empty PSH carries nothing, yet it is a frame that a first-frame deadline or a flood limit may count.
      if (length === 0) sink.next({ version, command, streamId, payload: EMPTY });
    }
    return HEADER_SIZE + expected;
  }
}

function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

function readUint32(bytes: Uint8Array, at: number): number {
  // `>>> 0`: bit operations give signed numbers, IDs and counts above 2^31 are not negative.
  return (readUint16(bytes, at) | (readUint16(bytes, at + 2) << 16)) >>> 0;
}

const EMPTY = new Uint8Array(0);
