import { ProtocolError } from '../errors.js';
import { Command, type Frame, HEADER_SIZE, UPDATE_SIZE, type Version } from './frame.js';

/**
 * Cuts chunks into frames, however the chunks happen to be split. Holds at most one header and one window update: the
 * payload of a PSH frame is passed on as it arrives, one piece a chunk touched, as views.
 */
export class FrameDecoder {
  #version: Version | undefined;
  readonly #partial = new Uint8Array(HEADER_SIZE + UPDATE_SIZE);
  #partialSize = 0;
  #streamId = 0;
  #payloadLeft = 0;

  /** @param version the only one to accept; `'auto'` takes it from the first frame */
  constructor(version: Version | 'auto') {
    this.#version = version === 'auto' ? undefined : version;
  }

  /** @throws ProtocolError at the first bytes that are not a frame; the frames before them have been yielded */
  *push(chunk: Uint8Array): Generator<Frame, void, undefined> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const end = Math.min(at + this.#payloadLeft, chunk.length);
        const payload = at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end);
        this.#payloadLeft -= end - at;
        at = end;
        yield { version: this.#version as Version, command: Command.PSH, streamId: this.#streamId, payload };
        continue;
      }
      const whole = this.#partialSize === 0 && this.#sizeOfHead(chunk, at);
      if (whole && at + whole <= chunk.length) {
        const frame = this.#decode(chunk, at);
        at += whole;
        if (frame) yield frame;
        continue;
      }
      this.#partial[this.#partialSize++] = chunk[at++] as number;
      if (this.#partialSize === this.#sizeOfHead(this.#partial.subarray(0, this.#partialSize), 0)) {
        this.#partialSize = 0;
        const frame = this.#decode(this.#partial, 0);
        if (frame) yield frame;
      }
    }
  }

  /** @throws ProtocolError if the input stopped inside a frame */
  end(): void {
    if (this.#partialSize === 0 && this.#payloadLeft === 0) return;
    const missing =
      this.#payloadLeft > 0
        ? `${this.#payloadLeft} bytes of its payload`
        : `${this.#sizeOfHead(this.#partial.subarray(0, this.#partialSize), 0) - this.#partialSize} bytes of its head`;
    throw new ProtocolError('SMUX_ERR_TRUNCATED', `the input ended inside a frame, without ${missing}`);
  }

  /**
   * Bytes that must be there before the frame at `at` can be decoded: its header, for UPD its payload too. Fails at the first
   * field that is wrong, as soon as it is there, so that a peer of another kind is not waited for.
   */
  #sizeOfHead(bytes: Uint8Array, at: number): number {
    const version = bytes[at] as number;
    if (this.#version === undefined ? version !== 1 && version !== 2 : version !== this.#version) {
      const expected = this.#version ?? '1 or 2';
      throw new ProtocolError('SMUX_ERR_VERSION', `expected version ${expected}, got ${version}`);
    }
    if (at + 1 >= bytes.length) return HEADER_SIZE;
    const command = bytes[at + 1] as number;
    if (command > Command.UPD || (command === Command.UPD && version === 1)) {
      throw new ProtocolError('SMUX_ERR_COMMAND', `version ${version} has no command ${command}`);
    }
    const expected = command === Command.UPD ? UPDATE_SIZE : 0;
    if (command !== Command.PSH && at + 3 < bytes.length) {
      const length = readUint16(bytes, at + 2);
      if (length !== expected) {
        const name = COMMAND_NAMES[command as Command];
        throw new ProtocolError('SMUX_ERR_LENGTH', `${name} must have a payload of ${expected} bytes, got ${length}`);
      }
    }
    return HEADER_SIZE + expected;
  }

  #decode(bytes: Uint8Array, at: number): Frame | undefined {
    const version = bytes[at] as Version;
    const command = bytes[at + 1] as Command;
    const streamId = readUint32(bytes, at + 4);
    this.#version = version;
    if (command === Command.PSH) {
      const length = readUint16(bytes, at + 2);
      this.#streamId = streamId;
      this.#payloadLeft = length;
      // An empty PSH carries nothing, yet it is a frame that a first-frame deadline or a flood limit may count.
      return length === 0 ? { version, command, streamId, payload: EMPTY } : undefined;
    }
    if (command !== Command.UPD) return { version, command, streamId };
    return { version, command, streamId, consumed: readUint32(bytes, at + 8), window: readUint32(bytes, at + 12) };
  }
}

function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

function readUint32(bytes: Uint8Array, at: number): number {
  // `>>> 0`: bit operations give signed numbers, IDs and counts above 2^31 are not negative.
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

const EMPTY = new Uint8Array(0);
const COMMAND_NAMES = ['SYN', 'FIN', 'PSH', 'NOP', 'UPD'] as const;
