import { type ConnectionOptions, type TlsOptions } from 'node:tls';
import { parseArgs } from 'node:util';
import { type SmuxOptions } from '../options.js';
import { type Address, parseAddress, parseRemoteAddress } from './address.js';
import { parseArgsOptions, type Role } from './flags.js';
import { clientTls, serverTls, type TlsFlags } from './tlsFiles.js';
import { UsageError } from './UsageError.js';

interface CommonOptions {
  readonly smux: SmuxOptions;
  readonly quiet: boolean;
  readonly log: string | undefined;
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

  const flags = parseFlags(name, rest);
  if (flags.help) return { name: 'help', role: name };
  if (flags.version) return { name: 'version' };
  if (flags.tcp) throw new UsageError(NO_FAKE_TCP);
  return name === 'server' ? { name, options: serverOptions(flags) } : { name, options: clientOptions(flags) };
}

function serverOptions(flags: Flags): ServerOptions {
  return {
    listen: parseAddress(required(flags, 'listen', 'l'), '--listen'),
    target: parseRemoteAddress(required(flags, 'target', 't'), '--target'),
    tls: serverTls(flags),
    ...commonOptions(flags),
  };
}

function clientOptions(flags: Flags): ClientOptions {
  const remote = parseRemoteAddress(required(flags, 'remoteaddr', 'r'), '--remoteaddr');
  return {
    local: parseAddress(required(flags, 'localaddr', 'l'), '--localaddr'),
    remote,
    sessionCount: integer(flags, 'conn', 1, 256) ?? 1,
    tls: clientTls(flags, remote),
    ...commonOptions(flags),
  };
}

function commonOptions(flags: Flags): CommonOptions {
  const version = integer(flags, 'smuxver', 1, 2) as 1 | 2 | undefined;
  const maxReceiveBuffer = integer(flags, 'smuxbuf', 1, MAX_INT32);
  const maxStreamBuffer = integer(flags, 'streambuf', 1, MAX_INT32);
  const keepAlive = integer(flags, 'keepalive', 1, MAX_INT32 / 3000);
  if (maxStreamBuffer !== undefined && maxStreamBuffer > (maxReceiveBuffer ?? DEFAULT_RECEIVE_BUFFER)) {
    throw new UsageError('--streambuf may not be more than --smuxbuf, which is 4194304 by default');
  }
  return {
    smux: {
      ...(version && { version }),
      ...(maxReceiveBuffer && { maxReceiveBuffer }),
      ...(maxStreamBuffer && { maxStreamBuffer }),
      // Not less than 30 s: how often the peer sends is the peer's own choice, every 10 s unless told otherwise.
      ...(keepAlive && { keepAliveInterval: keepAlive * 1000, keepAliveTimeout: Math.max(30, keepAlive * 3) * 1000 }),
    },
    quiet: flags.quiet ?? false,
    log: flags.log,
  };
}

type StringFlag = 'listen' | 'target' | 'localaddr' | 'remoteaddr';
type IntegerFlag = 'conn' | 'smuxver' | 'smuxbuf' | 'streambuf' | 'keepalive';
type Flags = TlsFlags & { readonly [name in StringFlag | IntegerFlag | 'log']?: string } & {
  readonly [name in 'quiet' | 'help' | 'version' | 'tcp']?: boolean;
};

function parseFlags(role: Role, args: readonly string[]): Flags {
  try {
    return parseArgs({ args: [...args], options: parseArgsOptions(role), allowPositionals: false }).values as Flags;
  } catch (cause) {
    // The first sentence says it; the others are about positional arguments, which there are none of.
    const [sentence = ''] = (cause as Error).message.split(/\.?(?:\n|\. |$)/, 1);
    throw new UsageError(sentence.replace('is ambiguous', 'missing'), { cause });
  }
}

function required(flags: Flags, name: StringFlag, short: string): string {
  const text = flags[name];
  if (text === undefined) throw new UsageError(`--${name} (-${short}) is missing`);
  return text;
}

function integer(flags: Flags, name: IntegerFlag, from: number, to: number): number | undefined {
  const text = flags[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= from && value <= to) return value;
  throw new UsageError(`--${name} must be an integer from ${from} to ${Math.floor(to)}, got ${JSON.stringify(text)}`);
}

const MAX_INT32 = 0x7fffffff;
const DEFAULT_RECEIVE_BUFFER = 4_194_304;

const NO_FAKE_TCP =
  "kcptun's --tcp disguises UDP as TCP packets, which rx-smux does not do; plain TCP is what it uses, without a flag";
