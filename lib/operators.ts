export { decodeFrames } from './inbound/decodeFrames.js';
export { demultiplex } from './inbound/demultiplex.js';
export { type WindowUpdate, windowUpdates } from './inbound/windowUpdates.js';
export { encodeFrames } from './outbound/encodeFrames.js';
export { type FairQueueOptions, fairQueue } from './outbound/fairQueue.js';
export { limitByCredit } from './outbound/limitByCredit.js';
export {
  Command,
  type DataFrame,
  type Frame,
  type SignalFrame,
  type UpdateFrame,
  type Version,
} from './wire/frame.js';
