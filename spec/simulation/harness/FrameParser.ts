import { type Judge } from './Judge.js';

/** A frame as it was seen on the wire. */
export interface WireFrame {
  readonly version: number;
  readonly command: WireCommand;
  readonly streamId: number;
  /** Bytes of payload. */
  readonly size: number;
  /** Of an UPD. */
  readonly consumed: number;
  readonly window: number;
}

export type WireCommand = 'SYN' | 'FIN' | 'PSH' | 'NOP' | 'UPD';

/** Reads frames off the wire, by the protocol's description alone: shares no code with what it watches. */
export class FrameParser {
  readonly #judge: Judge;
  readonly #found: (frame: WireFrame) => void;
  readonly #head = Buffer.alloc(16);
  #headSize = 0;
  #needed = 8;
  #frame: WireFrame | undefined;
  /** Payload of a PSH that is still to come. */
  #left = 0;

  /** @param found called for each frame, when its last byte is there */
  constructor(judge: Judge, found: (frame: WireFrame) => void) {
    this.#judge = judge;
    this.#found = found;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, bytes.length - at);
        at += skipped;
        this.#left -= skipped;
        if (this.#left === 0) this.#found(this.#frame as WireFrame);
        continue;
      }
      const part = bytes.subarray(at, at + this.#needed - this.#headSize);
      this.#head.set(part, this.#headSize);
      this.#headSize += part.length;
      at += part.length;
      if (this.#headSize === this.#needed) this.#takeHead();
    }
  }

  #takeHead(): void {
    const head = this.#head;
    const command = COMMANDS[head.readUInt8(1)];
    const size = head.readUInt16LE(2);
    if (command === undefined) {
      this.#judge.blame('unknown command', `${head.readUInt8(1)}`);
      return;
    }
    if (command !== 'PSH' && size !== (command === 'UPD' ? 8 : 0)) {
      this.#judge.blame('wrong length', `${command} with ${size} bytes`);
    }
    if (command === 'UPD' && this.#needed === 8) {
      this.#needed = 16;
      return;
    }
    const update = command === 'UPD' ? { consumed: head.readUInt32LE(8), window: head.readUInt32LE(12) } : NO_UPDATE;
    this.#frame = { version: head.readUInt8(0), command, streamId: head.readUInt32LE(4), size, ...update };
    this.#headSize = 0;
    this.#needed = 8;
    if (command === 'PSH' && size > 0) this.#left = size;
    else this.#found(this.#frame);
  }
}

/** A frame in a few words. */
export function describeFrame({ command, streamId, size, consumed, window }: WireFrame): string {
  if (command === 'NOP') return command;
  const rest = command === 'PSH' ? ` (${size})` : command === 'UPD' ? ` ${consumed}/${window}` : '';
  return `${command} ${streamId}${rest}`;
}

const COMMANDS = ['SYN', 'FIN', 'PSH', 'NOP', 'UPD'] as const;
const NO_UPDATE = { consumed: 0, window: 0 };
