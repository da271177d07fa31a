import { type Observable } from 'rxjs';
import { resolveOptions, type SessionOptions } from './options.js';
import { MuxSession } from './session/MuxSession.js';
import { type Ending, type SmuxStream } from './stream.js';
import { type Transport } from './transport/Transport.js';
import { type Version } from './wire/frame.js';

/** One multiplexed link. */
export interface Session {
  /** The streams that the peer opens, each delivered once and held until then. One subscriber; never errors. */
  readonly streams$: Observable<SmuxStream>;
  /** How the session ended: emits once, replays, completes, never errors. */
  readonly closed$: Observable<Ending>;
  /** {@link SessionStats} once a second while subscribed, until the session ends. */
  readonly stats$: Observable<SessionStats>;
  readonly stats: SessionStats;
  /** `undefined` while a detecting server has heard nothing yet. */
  readonly version: Version | undefined;
  /** `close` or `destroy` was called, or the link has ended. */
  readonly isClosed: boolean;
  /** Streams that are not over on the wire. */
  readonly streamCount: number;
  readonly transport: Transport;
  /**
   * Opens a stream; data may be written at once.
   * @param options.weight share of the link while streams compete for it: from 1, the default, to 256
   * @throws SessionError `SMUX_ERR_SESSION_CLOSED`, or `SMUX_ERR_STREAM_IDS` when every ID has been used: time for a new session
   */
  open(options?: { readonly weight?: number }): SmuxStream;
  /** Orderly: no new streams, FIN behind all that was written, reading until the streams end or `drainTimeout` has passed. */
  close(): void;
  /** At once: unsent bytes are lost, readers get what has arrived and then an error. */
  destroy(cause?: Error): void;
}

/** What has passed through a session so far. */
export interface SessionStats {
  /** Bytes on the link, headers included. */
  readonly received: number;
  readonly sent: number;
  /** Bytes that all streams hold unread, of `maxReceiveBuffer`. */
  readonly unread: number;
  /** Bytes that all streams hold unsent, of `maxSendBuffer`. */
  readonly unsent: number;
  readonly streamsOpened: number;
  readonly streamsAccepted: number;
  readonly streamsRefused: number;
  readonly streamCount: number;
}

/**
 * Multiplexes streams over a transport.
 * @throws RangeError for a bad option
 */
export function createSession(transport: Transport, options: SessionOptions): Session {
  return new MuxSession(transport, resolveOptions(options));
}
