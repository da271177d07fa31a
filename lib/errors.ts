/** What went wrong, as a word that programs may compare. Part of the API; messages are not. */
export type SmuxErrorCode = ProtocolErrorCode | SessionErrorCode | StreamErrorCode;

/** How the peer broke the wire rules. */
export type ProtocolErrorCode =
  | 'SMUX_ERR_VERSION' // a frame of another protocol version
  | 'SMUX_ERR_COMMAND' // a command that the version does not know
  | 'SMUX_ERR_LENGTH' // a payload length that the command does not allow
  | 'SMUX_ERR_TRUNCATED' // the input stopped inside a frame
  | 'SMUX_ERR_CONSUMED' // the peer says it consumed more than was sent
  | 'SMUX_ERR_WINDOW' // a window of 2^31 bytes or more
  | 'SMUX_ERR_FLOW_CONTROL' // more bytes than any window allowed
  | 'SMUX_ERR_MESSAGE' // a message that is not binary, on a link of messages
  | 'SMUX_ERR_COMPRESSION'; // KCP: compressed where we do not, or the other way round, or broken

/** Why there is no session, or no more. */
export type SessionErrorCode =
  | 'SMUX_ERR_CONNECT' // no connection could be made
  | 'SMUX_ERR_CONNECT_TIMEOUT' // no connection within `connectTimeout`
  | 'SMUX_ERR_LINK_LOST' // the connection broke, or ended with streams unfinished
  | 'SMUX_ERR_KEEPALIVE_TIMEOUT' // silence for `keepAliveTimeout`
  | 'SMUX_ERR_RECEIVE_BUFFER' // a link that cannot be paused brought more than could be held
  | 'SMUX_ERR_FIRST_FRAME_TIMEOUT' // a detecting server heard no frame for `firstFrameTimeout`
  | 'SMUX_ERR_SESSION_CLOSED' // the session is closed, or was closed under the stream
  | 'SMUX_ERR_STREAM_IDS' // every stream ID of this side has been used
  | 'SMUX_ERR_STREAMS_LOCKED'; // `streams$` has a subscriber already

/** Why one stream cannot go on. */
export type StreamErrorCode =
  | 'SMUX_ERR_STREAM_LOCKED' // somebody else is reading, or sending
  | 'SMUX_ERR_STREAM_CLOSED' // the stream was ended while `send` had more
  | 'SMUX_ERR_PEER_CLOSED' // the peer is done with the stream and takes no more
  | 'SMUX_ERR_SEND_BUFFER'; // more than `maxSendBuffer` waits to be sent

/** What every error of this library has in common. */
export abstract class SmuxError<Code extends SmuxErrorCode = SmuxErrorCode> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The peer broke the wire rules (Go: ErrInvalidProtocol, ErrConsumed). Always ends the session. */
export class ProtocolError extends SmuxError<ProtocolErrorCode> {
  override readonly name = 'ProtocolError';
}

/** The session as a whole cannot go on, or cannot do what was asked. */
export class SessionError extends SmuxError<SessionErrorCode> {
  override readonly name = 'SessionError';
}

/** One stream failed; its siblings and the session live on. */
export class StreamError extends SmuxError<StreamErrorCode> {
  override readonly name = 'StreamError';
  readonly streamId: number;

  constructor(code: StreamErrorCode, streamId: number, message: string, options?: { readonly cause?: unknown }) {
    super(code, `stream ${streamId}: ${message}`, options);
    this.streamId = streamId;
  }
}
