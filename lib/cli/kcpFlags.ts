import { type KcpCrypt, type KcpMode, type KcpOptions } from '../kcp/index.js';
import { resolveKcpOptions } from '../kcp/options.js';
import { type Role } from './flags.js';
import { integerFlag } from './integerFlag.js';
import { UsageError } from './UsageError.js';

type IntegerName =
  | 'mtu'
  | 'sndwnd'
  | 'rcvwnd'
  | 'datashard'
  | 'parityshard'
  | 'ds'
  | 'ps'
  | 'sockbuf'
  | 'nodelay'
  | 'interval'
  | 'resend'
  | 'nc';

/** The flags of kcptun. */
export type KcpFlags = { readonly [name in IntegerName | 'key' | 'crypt' | 'mode']?: string } & {
  readonly [name in 'kcp' | 'nocomp' | 'acknodelay' | 'tls']?: boolean;
};

/**
 * What the flags ask of KCP, with the defaults of kcptun; undefined without `--kcp`.
 * @throws UsageError that names what is wrong
 */
export function kcpOptions(flags: KcpFlags, role: Role): KcpOptions | undefined {
  if (!flags.kcp) {
    const lonely = ONLY_WITH_KCP.find((name) => flags[name] !== undefined);
    if (lonely) throw new UsageError(`--${lonely} needs --kcp`);
    return undefined;
  }
  if (flags.tls) throw new UsageError('--tls is for TCP; with --kcp, --crypt and --key encrypt');
  const integer = (name: IntegerName, to = MAX_INT32) => integerFlag(flags, name, 0, to);
  const options: KcpOptions = {
    key: flags.key ?? process.env.KCPTUN_KEY ?? "it's a secrect", // the spelling of kcptun
    crypt: (flags.crypt ?? 'aes') as KcpCrypt,
    ...modeOf(flags),
    mtu: integer('mtu') ?? 1350,
    sendWindow: integer('sndwnd') ?? WINDOWS[role].sndwnd,
    receiveWindow: integer('rcvwnd') ?? WINDOWS[role].rcvwnd,
    ...shards(integer('datashard') ?? integer('ds') ?? 10, integer('parityshard') ?? integer('ps') ?? 3),
    compression: !flags.nocomp,
    ackNoDelay: flags.acknodelay ?? false,
    socketBuffer: integer('sockbuf') ?? 4_194_304,
  };
  try {
    resolveKcpOptions(options);
  } catch (cause) {
    throw new UsageError(flagged((cause as Error).message), { cause });
  }
  return options;
}

/** `manual` takes what the other profiles leave alone; the congestion window is off everywhere else. */
function modeOf(flags: KcpFlags): KcpOptions {
  const { mode = 'fast' } = flags;
  const nc = integerFlag(flags, 'nc', 0, 1);
  if (mode !== 'manual') return { mode: mode as KcpMode, ...(nc === 1 && { congestionControl: 'none' }) };
  return {
    nodelay: integerFlag(flags, 'nodelay', 0, 1) === 1,
    interval: Math.max(MIN_INTERVAL, integerFlag(flags, 'interval', 0, MAX_INTERVAL) ?? 50),
    resend: integerFlag(flags, 'resend', 0, 0xffff) ?? 0,
    congestionControl: nc === 1 ? 'none' : 'window',
  };
}

/** kcptun turns error correction off when either is 0. */
function shards(dataShards: number, parityShards: number): KcpOptions {
  return dataShards > 0 && parityShards > 0 ? { dataShards, parityShards } : {};
}

/** Speaks of the flag, not of the option. */
function flagged(message: string): string {
  return message.replace(/^\w+|dataShards|parityShards/g, (word) => FLAG_NAMES[word] ?? word);
}

const FLAG_NAMES: Readonly<Record<string, string>> = {
  crypt: '--crypt',
  mode: '--mode',
  mtu: '--mtu',
  sendWindow: '--sndwnd',
  receiveWindow: '--rcvwnd',
  dataShards: '--datashard',
  parityShards: '--parityshard',
  socketBuffer: '--sockbuf',
};
const WINDOWS = { client: { sndwnd: 128, rcvwnd: 512 }, server: { sndwnd: 1024, rcvwnd: 1024 } } as const;
const ONLY_WITH_KCP = ['key', 'crypt', 'mode', 'mtu', 'sndwnd', 'rcvwnd', 'nocomp', 'acknodelay', 'sockbuf'] as const;
const MAX_INT32 = 0x7fffffff;
const MIN_INTERVAL = 10;
const MAX_INTERVAL = 5000;
