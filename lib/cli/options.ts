import { type ConnectionOptions, type TlsOptions } from 'node:tls';
import { parseArgs } from 'node:util';
import { type KcpOptions } from '../kcp/index.js';
import { type SmuxOptions } from '../options.js';
import { type Address, parseAddress, parseRemoteAddress } from './address.js';
import { readConfig } from './configFile.js';
import { parseArgsOptions, type Role } from './flags.js';
import { integerFlag } from './integerFlag.js';
import { type KcpFlags, kcpOptions } from './kcpFlags.js';
import { clientTls, serverTls, type TlsFlags } from './tlsFiles.js';
import { UsageError } from './UsageError.js';

interface CommonOptions {
  readonly smux: SmuxOptions;
  readonly quiet: boolean;
  readonly log: string | undefined;
  /** Undefined: TCP. */
  readonly kcp: KcpOptions | undefined;
}

export interface ServerOptions extends CommonOptions {
  readonly listen: Address;
  readonly target: Address;
  readonly tls: TlsOptions | undefined;
}

export interface ClientOptions extends CommonOptions {
  readonly local: Address;
  readonly remote: Address;
  readonly sessionCount: number;
  readonly tls: ConnectionOptions | undefined;
}

/** What the command line asks for. */
export type Command =
  | { readonly name: 'help'; readonly role?: Role }
  | { readonly name: 'version' }
  | { readonly name: 'server'; readonly options: ServerOptions }
  | { readonly name: 'client'; readonly options: ClientOptions };

/**
 * Reads the command line.
 * @param args without node and the program
 * @throws UsageError that names what is wrong
 */
export function parseCommand(args: readonly string[]): Command {
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') return { name: 'help' };
  if (name === '--version' || name === '-v') return { name: 'version' };
  if (name === undefined) throw new UsageError('which one: server or client?');
  if (name !== 'server' && name !== 'client') throw new UsageError(`${name} is no command: server or client`);

  const given = parseFlags(name, rest);
  const flags: Flags = given.config === undefined ? given : { ...given, ...readConfig(given.config, name) };
  if (flags.help) return { name: 'help', role: name };
  if (flags.version) return { name: 'version' };
  if (flags.tcp) throw new UsageError(NO_FAKE_TCP);
  return name === 'server' ? { name, options: serverOptions(flags) } : { name, options: clientOptions(flags) };
}

function serverOptions(flags: Flags): ServerOptions {
  return {
    listen: linkAddress(flags, parseAddress(required(flags, 'listen', 'l', ':29900'), '--listen')),
    target: parseRemoteAddress(required(flags, 'target', 't', '127.0.0.1:12948'), '--target'),
    tls: serverTls(flags),
    ...commonOptions(flags, 'server'),
  };
}

function clientOptions(flags: Flags): ClientOptions {
  const remote = linkAddress(flags, parseRemoteAddress(required(flags, 'remoteaddr', 'r'), '--remoteaddr'));
  return {
    local: parseAddress(required(flags, 'localaddr', 'l', ':12948'), '--localaddr'),
    remote,
    sessionCount: integerFlag(flags, 'conn', 1, 256) ?? 1,
    tls: clientTls(flags, remote),
    ...commonOptions(flags, 'client'),
  };
}

function linkAddress({ kcp }: Flags, address: Address): Address {
  if (kcp && 'path' in address) throw new UsageError(`--kcp needs a UDP port, not the path ${address.path}`);
  return address;
}

function commonOptions(flags: Flags, role: Role): CommonOptions {
  const kcp = kcpOptions(flags, role);
  // A server takes the version of its client, of either end.
  const version = (integerFlag(flags, 'smuxver', 1, 2) ?? (kcp && role === 'client' ? 1 : undefined)) as
    | 1
    | 2
    | undefined;
  const maxReceiveBuffer = integerFlag(flags, 'smuxbuf', 1, MAX_INT32);
  const maxStreamBuffer =
    integerFlag(flags, 'streambuf', 1, MAX_INT32) ??
    (kcp && Math.min(KCPTUN_STREAM_BUFFER, maxReceiveBuffer ?? DEFAULT_RECEIVE_BUFFER));
  const keepAlive = integerFlag(flags, 'keepalive', 1, MAX_INT32 / 3000);
  if (maxStreamBuffer !== undefined && maxStreamBuffer > (maxReceiveBuffer ?? DEFAULT_RECEIVE_BUFFER)) {
    throw new UsageError('--streambuf may not be more than --smuxbuf, which is 4194304 by default');
  }
  return {
    smux: {
      maxStreams: MAX_STREAMS,
      ...(version && { version }),
      ...(maxReceiveBuffer && { maxReceiveBuffer }),
      ...(maxStreamBuffer && { maxStreamBuffer }),
      // Not less than 30 s: how often the peer sends is the peer's own choice, every 10 s unless told otherwise.
      ...(keepAlive && { keepAliveInterval: keepAlive * 1000, keepAliveTimeout: Math.max(30, keepAlive * 3) * 1000 }),
    },
    quiet: flags.quiet ?? false,
    log: flags.log,
    kcp,
  };
}

type StringFlag = 'listen' | 'target' | 'localaddr' | 'remoteaddr';
type Flags = TlsFlags &
  KcpFlags & {
    readonly [name in StringFlag | 'conn' | 'smuxver' | 'smuxbuf' | 'streambuf' | 'keepalive' | 'log']?: string;
  } & {
    readonly [name in 'quiet' | 'help' | 'version' | 'tcp']?: boolean;
  } & { readonly config?: string };

function parseFlags(role: Role, args: readonly string[]): Flags {
  try {
    return parseArgs({ args: [...args], options: parseArgsOptions(role), allowPositionals: false }).values as Flags;
  } catch (cause) {
    // The first sentence says it; the others are about positional arguments, which there are none of.
    const [sentence = ''] = (cause as Error).message.split(/\.?(?:\n|\. |$)/, 1);
    throw new UsageError(sentence.replace('is ambiguous', 'missing'), { cause });
  }
}

/** @param ofKcptun what kcptun takes where there is nothing else */
function required(flags: Flags, name: StringFlag, short: string, ofKcptun?: string): string {
  const text = flags[name] ?? (flags.kcp ? ofKcptun : undefined);
  if (text === undefined) throw new UsageError(`--${name} (-${short}) is missing`);
  return text;
}

const MAX_INT32 = 0x7fffffff;
const DEFAULT_RECEIVE_BUFFER = 4_194_304;
const KCPTUN_STREAM_BUFFER = 2_097_152;

const NO_FAKE_TCP =
  "kcptun's --tcp disguises UDP as TCP packets, which rx-smux does not do; plain TCP is what it uses, without a flag";
/** Each is a connection of somebody behind a client that the operator knows, so more than the library lets strangers open. */
const MAX_STREAMS = 16_384;
