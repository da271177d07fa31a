export {
  ProtocolError,
  type ProtocolErrorCode,
  SessionError,
  type SessionErrorCode,
  SmuxError,
  type SmuxErrorCode,
  StreamError,
  type StreamErrorCode,
} from './errors.js';
export { handleStreams } from './handleStreams.js';
export type { Role, SessionOptions, SmuxOptions } from './options.js';
export { createSession, type Session, type SessionStats } from './session.js';
export type { Ending, SmuxStream, StreamStats } from './stream.js';
export type { Transport, TransportInfo } from './transport/Transport.js';
export type { Version } from './wire/frame.js';
