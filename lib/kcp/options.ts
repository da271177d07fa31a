import { CRYPT_NAMES, isCrypt, type KcpCrypt } from './datagram/createCipher.js';

/** A profile of kcptun: `nodelay`, `interval` and `resend` in one word. */
export type KcpMode = keyof typeof MODES;

/** How KCP behaves. Names and meanings are those of kcptun's flags where it has them. */
export interface KcpOptions {
  /**
   * Cipher of the datagrams; must be that of the peer. `none` sends a checksum in clear text, `null` (a plain kcp-go program) nothing.
   * All but `aes-128-gcm` hide the bytes and do not authenticate them.
   * @defaultValue `'aes'`
   */
  readonly crypt?: KcpCrypt;
  /** The secret that both ends share. Needed unless `crypt` is `none` or `null`. */
  readonly key?: string;
  /**
   * How eagerly lost segments are sent again: `normal`, `fast`, `fast2`, `fast3`.
   * @defaultValue `'fast'`
   */
  readonly mode?: KcpMode;
  /** Shorter timeouts that grow more slowly. Default: as `mode` says */
  readonly nodelay?: boolean;
  /** Between two flushes, in milliseconds: 10 to 5000. Default: as `mode` says */
  readonly interval?: number;
  /** So many acknowledgements of later segments make a segment lost; `0`: only a timeout does. Default: as `mode` says */
  readonly resend?: number;
  /**
   * What keeps a transfer from drowning the network: `'rate'` measures what arrives and has little more than that under way,
   * `'window'` is the protocol's own congestion window, which random loss slows down much, `'none'` is what kcptun does.
   * @defaultValue `'rate'`
   */
  readonly congestionControl?: 'rate' | 'window' | 'none';
  /**
   * The largest datagram sent, in bytes, without IP and UDP headers: 64 to 1500.
   * @defaultValue `1350`
   */
  readonly mtu?: number;
  /**
   * Segments under way at most (kcptun: sndwnd): 1 to 32768.
   * @defaultValue `1024`
   */
  readonly sendWindow?: number;
  /**
   * Segments held for the reader at most (kcptun: rcvwnd): 32 to 32768.
   * @defaultValue `1024`
   */
  readonly receiveWindow?: number;
  /**
   * Forward error correction: datagrams in a group, and how many lost ones of them can be made up for. Both `0`: none is sent, and
   * that of the peer is read all the same. Where we send it, a Go peer must have it too.
   * @defaultValue `0`
   */
  readonly dataShards?: number;
  readonly parityShards?: number;
  /**
   * Snappy; must be as with the peer (on in kcptun, unless it runs with `--nocomp`).
   * @defaultValue `false`
   */
  readonly compression?: boolean;
  /**
   * Acknowledges at once, not with the next flush.
   * @defaultValue `false`
   */
  readonly ackNoDelay?: boolean;
  /**
   * Bytes of the socket's buffers; the system may allow less.
   * @defaultValue `4194304`
   */
  readonly socketBuffer?: number;
}

/** Every option, checked. */
export interface ResolvedKcpOptions extends Required<KcpOptions> {}

/**
 * The only place that reads raw options.
 * @throws RangeError that names the field and what it may be
 */
export function resolveKcpOptions(options: KcpOptions): ResolvedKcpOptions {
  const { crypt = 'aes', key = '', mode = 'fast', congestionControl = 'rate' } = options;
  if (!isCrypt(crypt)) throw new RangeError(`crypt must be one of ${CRYPT_NAMES.join(', ')}, got ${String(crypt)}`);
  if (key === '' && crypt !== 'none' && crypt !== 'null') throw new RangeError(`crypt ${crypt} needs a key`);
  if (!Object.hasOwn(MODES, mode)) {
    throw new RangeError(`mode must be one of ${Object.keys(MODES).join(', ')}, got ${String(mode)}`);
  }
  if (!CONGESTION_CONTROLS.includes(congestionControl)) {
    throw new RangeError(
      `congestionControl must be one of ${CONGESTION_CONTROLS.join(', ')}, got ${String(congestionControl)}`,
    );
  }
  const integer = (field: keyof typeof RANGES, value: number) => {
    const [from, to] = RANGES[field];
    if (Number.isInteger(value) && value >= from && value <= to) return value;
    throw new RangeError(`${field} must be an integer from ${from} to ${to}, got ${String(value)}`);
  };
  const dataShards = integer('dataShards', options.dataShards ?? 0);
  const parityShards = integer('parityShards', options.parityShards ?? 0);
  if ((dataShards === 0) !== (parityShards === 0) || dataShards + parityShards > MAX_SHARDS) {
    throw new RangeError(
      `dataShards and parityShards must both be 0, or at least 1 and ${MAX_SHARDS} together at most`,
    );
  }
  return {
    crypt,
    key,
    mode,
    nodelay: options.nodelay ?? MODES[mode].nodelay,
    interval: integer('interval', options.interval ?? MODES[mode].interval),
    resend: integer('resend', options.resend ?? MODES[mode].resend),
    congestionControl,
    mtu: integer('mtu', options.mtu ?? 1350),
    sendWindow: integer('sendWindow', options.sendWindow ?? 1024),
    receiveWindow: integer('receiveWindow', options.receiveWindow ?? 1024),
    dataShards,
    parityShards,
    compression: options.compression ?? false,
    ackNoDelay: options.ackNoDelay ?? false,
    socketBuffer: integer('socketBuffer', options.socketBuffer ?? 4_194_304),
  };
}

const MODES = {
  normal: { nodelay: false, interval: 40, resend: 2 },
  fast: { nodelay: false, interval: 30, resend: 2 },
  fast2: { nodelay: true, interval: 20, resend: 2 },
  fast3: { nodelay: true, interval: 10, resend: 2 },
} as const;

const CONGESTION_CONTROLS = ['rate', 'window', 'none'] as const;
const MAX_SHARDS = 255;
const RANGES = {
  interval: [10, 5000],
  resend: [0, 0xffff],
  // With the largest headers there is still room for a segment.
  mtu: [64, 1500],
  sendWindow: [1, 32_768],
  // Every peer takes 32 for granted until it is told otherwise.
  receiveWindow: [32, 32_768],
  dataShards: [0, MAX_SHARDS],
  parityShards: [0, MAX_SHARDS],
  socketBuffer: [1, 0x7fffffff],
} as const;
