import { Command, type Frame, HEADER_SIZE, MAX_PAYLOAD_SIZE, UPDATE_SIZE } from './frame.js';

/**
 * Encodes a batch of frames. Heads and small payloads are gathered in one slab, large payloads stay where they are: copying
 * what is smaller than {@link GATHER_LIMIT} costs less than another buffer in the write, beyond it more. The slab is new each
 * time, since a transport may still hold the last one.
 * @throws RangeError for a payload that no header can announce
 */
export function encodeFrames(frames: readonly Frame[]): Uint8Array[] {
  let slabSize = 0;
  for (const frame of frames) slabSize += HEADER_SIZE + gathered(frameSize(frame) - HEADER_SIZE);
  const slab = new Uint8Array(slabSize);
  const batch: Uint8Array[] = [];
  let from = 0;
  let at = 0;
  for (const frame of frames) {
    const length = frameSize(frame) - HEADER_SIZE;
    if (length > MAX_PAYLOAD_SIZE) {
      throw new RangeError(`a payload must be at most ${MAX_PAYLOAD_SIZE} bytes, got ${length}`);
    }
    writeUint32(slab, at, frame.version | (frame.command << 8) | (length << 16));
    writeUint32(slab, at + 4, frame.streamId);
    at += HEADER_SIZE;
    if (frame.command === Command.UPD) {
      writeUint32(slab, at, frame.consumed);
      writeUint32(slab, at + 4, frame.window);
    } else if (frame.command === Command.PSH && length <= GATHER_LIMIT) {
      slab.set(frame.payload, at);
    } else if (frame.command === Command.PSH) {
      batch.push(slab.subarray(from, at), frame.payload);
      from = at;
    }
    at += gathered(length);
  }
  if (from < at) batch.push(from === 0 ? slab : slab.subarray(from));
  return batch;
}

/** Bytes that a frame takes on the wire. */
export function frameSize(frame: Frame): number {
  if (frame.command === Command.PSH) return HEADER_SIZE + frame.payload.length;
  return frame.command === Command.UPD ? HEADER_SIZE + UPDATE_SIZE : HEADER_SIZE;
}

/** Bytes of a payload of that size that are written behind its head. */
function gathered(length: number): number {
  return length > GATHER_LIMIT ? 0 : length;
}

function writeUint32(slab: Uint8Array, at: number, value: number): void {
  slab[at] = value;
  slab[at + 1] = value >>> 8;
  slab[at + 2] = value >>> 16;
  slab[at + 3] = value >>> 24;
}

const GATHER_LIMIT = 2048;
