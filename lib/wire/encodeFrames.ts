import { Command, type Frame, HEADER_SIZE, MAX_PAYLOAD_SIZE, UPDATE_SIZE } from './frame.js';

/**
 * Encodes a batch of frames. Heads and small payloads are gathered in one slab, large payloads stay where they are: copying
 * what is smaller than {@link GATHER_LIMIT} costs less than another buffer in the write, beyond it more. The slab is new each
 * time, since a transport may still hold the last one.
 * @throws RangeError for a payload that no header can announce
 */
export function encodeFrames(frames: readonly Frame[]): Uint8Array[] {
  let slabSize = 0;
  for (const frame of frames) slabSize += gatheredSize(frame);
  const slab = new Uint8Array(slabSize);
  const batch: Uint8Array[] = [];
  let from = 0;
  let at = 0;
  for (const frame of frames) {
    at = writeFrame(slab, at, frame);
    if (frame.command === Command.PSH && frame.payload.length > GATHER_LIMIT) {
      batch.push(slab.subarray(from, at), frame.payload);
      from = at;
    }
  }
  if (from < at) batch.push(from === 0 ? slab : slab.subarray(from, at));
  return batch;
}

/** Bytes that a frame takes on the wire. */
export function frameSize(frame: Frame): number {
  return frame.command === Command.PSH ? HEADER_SIZE + frame.payload.length : gatheredSize(frame);
}

function gatheredSize(frame: Frame): number {
  if (frame.command === Command.PSH) {
    return frame.payload.length > GATHER_LIMIT ? HEADER_SIZE : HEADER_SIZE + frame.payload.length;
  }
  return frame.command === Command.UPD ? HEADER_SIZE + UPDATE_SIZE : HEADER_SIZE;
}

/** Writes what is gathered of a frame; returns where the next one goes. */
function writeFrame(slab: Uint8Array, at: number, frame: Frame): number {
  const { command } = frame;
  const length = command === Command.PSH ? frame.payload.length : command === Command.UPD ? UPDATE_SIZE : 0;
  if (length > MAX_PAYLOAD_SIZE) {
    throw new RangeError(`a payload must be at most ${MAX_PAYLOAD_SIZE} bytes, got ${length}`);
  }
  slab[at] = frame.version;
  slab[at + 1] = command;
  slab[at + 2] = length;
  slab[at + 3] = length >>> 8;
  writeUint32(slab, at + 4, frame.streamId);
  if (command === Command.UPD) {
    writeUint32(slab, at + 8, frame.consumed);
    writeUint32(slab, at + 12, frame.window);
    return at + HEADER_SIZE + UPDATE_SIZE;
  }
  if (command !== Command.PSH || length > GATHER_LIMIT) return at + HEADER_SIZE;
  slab.set(frame.payload, at + HEADER_SIZE);
  return at + HEADER_SIZE + length;
}

function writeUint32(slab: Uint8Array, at: number, value: number): void {
  slab[at] = value;
  slab[at + 1] = value >>> 8;
  slab[at + 2] = value >>> 16;
  slab[at + 3] = value >>> 24;
}

const GATHER_LIMIT = 2048;
