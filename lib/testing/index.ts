export { type FrameBuilders, fin, framesOf, nop, psh, syn, upd } from './frames.js';
export { type LinkDirection, type LinkedTransport, type LinkOptions, linkedTransports } from './linkedTransports.js';
export { type RunOptions, run } from './run.js';
export type { FrameNote, FrameTransport, LinkedSessions, TestHelpers } from './TestHelpers.js';
