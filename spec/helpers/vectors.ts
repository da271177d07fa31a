import { readFileSync } from 'node:fs';
import { FrameDecoder, type FrameSink } from '../../lib/wire/FrameDecoder.js';
import { Command, type Frame, type Version } from '../../lib/wire/frame.js';
import { join, toHex } from './bytes.js';
import { sha256 } from './random.js';

/** All that one side of a scenario sent, recorded from Go's smux. */
export interface Vector {
  readonly name: string;
  readonly smux: string;
  readonly version: Version;
  readonly role: 'client' | 'server';
  readonly hex: string;
  readonly frames: readonly RecordedFrame[];
}

export interface RecordedFrame {
  readonly version: Version;
  readonly command: keyof typeof Command;
  readonly streamId: number;
  /** Bytes of payload. */
  readonly length: number;
  readonly payload?: string;
  readonly payloadSha256?: string;
  readonly consumed?: number;
  readonly window?: number;
}

export const goVectors: readonly Vector[] = ['1.5.16', '1.5.57'].flatMap((version) => {
  const file = new URL(`../fixtures/go/vectors-${version}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Vector[];
});

/** For `it.each`: what a vector is, and the vector. */
export const titledVectors = goVectors.map(
  (vector) => [`Go ${vector.smux}, version ${vector.version}, ${vector.role}: ${vector.name}`, vector] as const,
);

/** Collects what a decoder makes of its chunks. */
export function into(frames: Frame[]): FrameSink {
  return { closed: false, next: (frame) => void frames.push(frame) };
}

/** What a decoder makes of one chunk. */
export function push(decoder: FrameDecoder, chunk: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  decoder.push(chunk, into(frames));
  return frames;
}

/** What a decoder makes of chunks, to the end of input. */
export function decodeAll(chunks: Iterable<Uint8Array>, version: Version | 'auto'): Frame[] {
  const decoder = new FrameDecoder(version);
  const frames: Frame[] = [];
  for (const chunk of chunks) decoder.push(chunk, into(frames));
  decoder.end();
  return frames;
}

/** Puts the pieces of PSH frames together again. @param sizes of the payloads of all PSH frames, in order */
export function joinPieces(frames: readonly Frame[], sizes: Iterable<number>): Frame[] {
  const payloadSizes = sizes[Symbol.iterator]();
  const joined: Frame[] = [];
  let pieces: Uint8Array[] = [];
  let missing: number | undefined;
  for (const frame of frames) {
    if (frame.command !== Command.PSH) {
      if (pieces.length > 0) throw new Error('another frame came between the pieces of a PSH frame');
      joined.push(frame);
      continue;
    }
    missing ??= payloadSizes.next().value as number;
    pieces.push(frame.payload);
    missing -= frame.payload.length;
    if (missing > 0) continue;
    joined.push({ ...frame, payload: join(pieces) });
    pieces = [];
    missing = undefined;
  }
  if (pieces.length > 0) throw new Error('the last PSH frame is not whole');
  return joined;
}

/** Frames in the form of a recording. */
export function recorded(frames: readonly Frame[]): RecordedFrame[] {
  return frames.map((frame) => {
    const { version, streamId } = frame;
    const command = COMMAND_NAMES[frame.command] as keyof typeof Command;
    if (frame.command === Command.UPD) {
      return { version, command, streamId, length: 8, consumed: frame.consumed, window: frame.window };
    }
    if (frame.command !== Command.PSH) return { version, command, streamId, length: 0 };
    const { length } = frame.payload;
    if (length <= LONGEST_IN_HEX) return { version, command, streamId, length, payload: toHex(frame.payload) };
    return { version, command, streamId, length, payloadSha256: sha256([frame.payload]) };
  });
}

/** Of the payloads of all PSH frames. */
export function payloadSizes(frames: readonly RecordedFrame[]): number[] {
  return frames.filter(({ command }) => command === 'PSH').map(({ length }) => length);
}

const COMMAND_NAMES = Object.keys(Command);
/** Longer payloads are recorded as their SHA-256. */
const LONGEST_IN_HEX = 32;
