import { type Version } from './wire/frame.js';

/** Which side of the link a session is; it decides the stream IDs. A client opens 3, 5, 7 …, a server 2, 4, 6 … */
export type Role = 'client' | 'server';

/** What a session may be told. Names and defaults are those of Go's `smux.Config` where it has them. */
export interface SmuxOptions {
  /**
   * Protocol version. `'auto'`, for servers only, takes it from the peer's first frame.
   * @defaultValue `2` for a client (Go's default is 1), `'auto'` for a server
   */
  readonly version?: Version | 'auto';
  /**
   * Time between two keepalive frames, in milliseconds.
   * @defaultValue `10000`
   */
  readonly keepAliveInterval?: number;
  /**
   * Silence after which the session ends with `SMUX_ERR_KEEPALIVE_TIMEOUT`, in milliseconds; at least `keepAliveInterval`.
   * Inbound bytes of any kind break the silence.
   * @defaultValue `30000`
   */
  readonly keepAliveTimeout?: number;
  /**
   * Sends no keepalive frames and tolerates silence.
   * @defaultValue `false`
   */
  readonly keepAliveDisabled?: boolean;
  /**
   * Largest payload of one PSH frame that is sent, in bytes: 1 to 65535.
   * @defaultValue `32768`
   */
  readonly maxFrameSize?: number;
  /**
   * The receive budget: bytes that all streams of the session together hold unread before reading pauses. At most 2^31 − 1.
   * @defaultValue `4194304`
   */
  readonly maxReceiveBuffer?: number;
  /**
   * Version 2: how far first flights of new streams may overdraw the receive budget before reading pauses, in bytes.
   * @defaultValue `16777216`
   */
  readonly maxReceiveOverdraft?: number;
  /**
   * Version 2: the window that a stream begins with, in bytes; at most `maxReceiveBuffer`. It grows while the peer waits for it
   * and growth brings throughput, within an equal share of `maxReceiveBuffer`. The protocol opens each stream with 262144.
   * @defaultValue `262144`, or `maxReceiveBuffer` if that is less
   */
  readonly maxStreamBuffer?: number;
  /**
   * Bytes that all streams of the session together may hold unsent; the stream that goes beyond it is aborted with
   * `SMUX_ERR_SEND_BUFFER`. `send` stays far below it. Where thousands of frames wait, each of them counts as 192 bytes more.
   * @defaultValue `33554432`
   */
  readonly maxSendBuffer?: number;
  /**
   * Streams of the peer that may be open at once; one more is refused with FIN.
   * @defaultValue `1024`
   */
  readonly maxStreams?: number;
  /**
   * Streams that the peer may open in a second, all at once or spread out; one more is refused with FIN. `0` for no limit.
   * @defaultValue `0`
   */
  readonly maxStreamRate?: number;
  /**
   * Streams of the peer that wait for a subscriber of `streams$`; one more is refused with FIN.
   * @defaultValue `1024`
   */
  readonly acceptBacklog?: number;
  /**
   * How long a detecting server waits for the first frame, in milliseconds; `0` for ever.
   * @defaultValue `30000`
   */
  readonly firstFrameTimeout?: number;
  /**
   * How long a writer waits for credit of a peer that has ended its own direction, or after `close()`, in milliseconds.
   * @defaultValue `60000`
   */
  readonly closeTimeout?: number;
  /**
   * How long `Session.close()` waits for the streams to end, in milliseconds.
   * @defaultValue `10000`
   */
  readonly drainTimeout?: number;
  /**
   * For Go peers that half-close (v1.5.54 and later lose what they have not read when the second FIN arrives): how long our
   * FIN waits behind our last bytes when the peer's FIN came first, in milliseconds.
   * @defaultValue `0`
   */
  readonly finLinger?: number;
  /**
   * For Go peers from v1.5.28 to v1.5.53, which cannot answer after our FIN: holds it back until theirs has come.
   * @defaultValue `false`
   */
  readonly holdFinUntilPeerFin?: boolean;
  /**
   * For Go openers, which drop what arrives before their `OpenStream` has returned: how long an accepted stream holds back
   * what it sends, unless the peer's bytes or credit come sooner, in milliseconds.
   * @defaultValue `0`
   */
  readonly holdFirstFrames?: number;
}

/** {@link SmuxOptions} and the side of the link. */
export interface SessionOptions extends SmuxOptions {
  readonly role: Role;
}

/** Every option, checked. */
export type ResolvedOptions = Readonly<Required<SessionOptions>>;

/**
 * The only place that reads raw options: fills in the defaults and checks every field.
 * @throws RangeError that names the field and what it may be
 */
export function resolveOptions(options: SessionOptions): ResolvedOptions {
  const role = assertOneOf('role', options.role, ['client', 'server'] as const);
  const integer = (field: NumericOption, byDefault: number, from: number, to: number = MAX_INT32) => {
    const value = options[field] ?? byDefault;
    if (Number.isInteger(value) && value >= from && value <= to) return value;
    throw new RangeError(`${field} must be an integer from ${from} to ${to}, got ${String(value)}`);
  };
  const flag = (field: Flag) => assertOneOf(field, options[field] ?? false, [true, false] as const);

  const version = options.version ?? (role === 'client' ? 2 : 'auto');
  const keepAliveInterval = integer('keepAliveInterval', 10_000, 1);
  const maxReceiveBuffer = integer('maxReceiveBuffer', 4 * MiB, 1);
  return {
    role,
    // A client is heard first, so it has nothing to detect a version from.
    version: assertOneOf('version', version, role === 'client' ? ([1, 2] as const) : ([1, 2, 'auto'] as const)),
    keepAliveInterval,
    keepAliveTimeout: integer('keepAliveTimeout', 30_000, keepAliveInterval),
    keepAliveDisabled: flag('keepAliveDisabled'),
    maxFrameSize: integer('maxFrameSize', 32_768, 1, 0xffff),
    maxReceiveBuffer,
    maxReceiveOverdraft: integer('maxReceiveOverdraft', 16 * MiB, 0),
    maxStreamBuffer: integer('maxStreamBuffer', Math.min(262_144, maxReceiveBuffer), 1, maxReceiveBuffer),
    maxSendBuffer: integer('maxSendBuffer', 32 * MiB, 1, Number.MAX_SAFE_INTEGER),
    maxStreams: integer('maxStreams', 1024, 0),
    maxStreamRate: integer('maxStreamRate', 0, 0),
    acceptBacklog: integer('acceptBacklog', 1024, 0),
    firstFrameTimeout: integer('firstFrameTimeout', 30_000, 0),
    closeTimeout: integer('closeTimeout', 60_000, 1),
    drainTimeout: integer('drainTimeout', 10_000, 0),
    finLinger: integer('finLinger', 0, 0),
    holdFinUntilPeerFin: flag('holdFinUntilPeerFin'),
    holdFirstFrames: integer('holdFirstFrames', 0, 0),
  };
}

/** @throws RangeError unless `value` is a finite weight between 1 and 256 */
export function assertWeight(value: number): number {
  if (!(value >= 1 && value <= 256)) throw new RangeError(`weight must be from 1 to 256, got ${String(value)}`);
  return value;
}

type Flag = 'keepAliveDisabled' | 'holdFinUntilPeerFin';
type NumericOption = Exclude<keyof SmuxOptions, Flag | 'version'>;

function assertOneOf<T>(field: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) {
    throw new RangeError(`${field} must be one of ${allowed.join(', ')}, got ${String(value)}`);
  }
  return value as T;
}

// Also the longest delay that a timer takes.
const MAX_INT32 = 0x7fffffff;
const MiB = 1024 * 1024;
