import { type ParseArgsConfig } from 'node:util';

/** A flag as `parseArgs` takes it, and what the help says of it. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What stands behind the flag in the help. */
  readonly value?: string;
  /** Kept out of the help where there is none. */
  readonly help?: string;
}

export type Role = 'server' | 'client';

// Those of `--mode manual`, with the short names of the shards.
const MANUAL_FLAGS = ['ds', 'ps', 'nodelay', 'interval', 'resend', 'nc'];
// Taken so that a command line of kcptun can stay as it is.
const IDLE_FLAGS = ['autoexpire', 'scavengettl', 'dscp', 'snmplog', 'snmpperiod'];

/** The flags of both commands. Those that kcptun has as well are named as there. */
export const FLAGS: Readonly<Record<Role, Readonly<Record<string, Flag>>>> = {
  client: {
    localaddr: { type: 'string', short: 'l', value: 'ADDRESS', help: 'where to accept connections; required' },
    remoteaddr: { type: 'string', short: 'r', value: 'ADDRESS', help: 'the rx-smux server; required' },
    conn: { type: 'string', value: 'COUNT', help: 'sessions to the server, used in turn (default 1)' },
    ...common({ smuxver: 'protocol version, 1 or 2 (default 2, with --kcp 1)' }),
    tls: { type: 'boolean', help: 'TLS to the server, which is always verified' },
    ca: { type: 'string', value: 'FILE', help: 'PEM: verify the server by this (default: the usual authorities)' },
    cert: { type: 'string', value: 'FILE', help: 'PEM: our certificate, for a server that asks for one' },
    'key-file': { type: 'string', value: 'FILE', help: 'PEM: the private key of --cert' },
    ...kcp({ sndwnd: 128, rcvwnd: 512 }),
    ...output(),
  },
  server: {
    listen: { type: 'string', short: 'l', value: 'ADDRESS', help: 'where to accept sessions; required' },
    target: { type: 'string', short: 't', value: 'ADDRESS', help: 'where to connect each stream to; required' },
    ...common({ smuxver: 'protocol version, 1 or 2 (default: what the client speaks)' }),
    tls: { type: 'boolean', help: 'TLS; needs --cert and --key-file' },
    ca: { type: 'string', value: 'FILE', help: 'PEM: clients must have a certificate of this authority' },
    cert: { type: 'string', value: 'FILE', help: 'PEM: our certificate, with its chain' },
    'key-file': { type: 'string', value: 'FILE', help: 'PEM: the private key of --cert' },
    ...kcp({ sndwnd: 1024, rcvwnd: 1024 }),
    ...output(),
  },
};

/** The flags of one command for `parseArgs`. */
export function parseArgsOptions(role: Role): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(FLAGS[role]).map(([name, { type, short }]) => [name, { type, ...(short && { short }) }]),
  );
}

function common({ smuxver }: { readonly smuxver: string }): Record<string, Flag> {
  return {
    smuxver: { type: 'string', value: 'VERSION', help: smuxver },
    smuxbuf: { type: 'string', value: 'BYTES', help: 'receive buffer of a session (default 4194304)' },
    streambuf: {
      type: 'string',
      value: 'BYTES',
      help: 'receive window of a stream, version 2 (default 262144, with --kcp 2097152)',
    },
    keepalive: {
      type: 'string',
      value: 'SECONDS',
      help: 'between keepalive frames; a peer silent for 3 times that, at least 30, is lost (default 10)',
    },
  };
}

/** KCP, as kcptun has it; the flags below `sockbuf` are those that its help hides, and those that have no effect here. */
function kcp({ sndwnd, rcvwnd }: { readonly sndwnd: number; readonly rcvwnd: number }): Record<string, Flag> {
  return {
    kcp: {
      type: 'boolean',
      help: "KCP over UDP instead of TCP, with kcptun's defaults, for a kcptun at the other end too",
    },
    config: {
      type: 'string',
      short: 'c',
      value: 'FILE',
      help: "kcptun's JSON file of flags, which go before those given here",
    },
    key: { type: 'string', value: 'SECRET', help: 'shared with the peer (default "it\'s a secrect", or KCPTUN_KEY)' },
    crypt: {
      type: 'string',
      value: 'CIPHER',
      help: 'aes, aes-128, aes-192, aes-128-gcm, 3des, sm4, salsa20, xor, none, null (default aes)',
    },
    mode: { type: 'string', value: 'PROFILE', help: 'fast3, fast2, fast, normal, manual (default fast)' },
    mtu: { type: 'string', value: 'BYTES', help: 'largest datagram (default 1350)' },
    sndwnd: { type: 'string', value: 'COUNT', help: `segments under way at most (default ${sndwnd})` },
    rcvwnd: { type: 'string', value: 'COUNT', help: `segments held for the reader at most (default ${rcvwnd})` },
    datashard: {
      type: 'string',
      value: 'COUNT',
      help: 'error correction: datagrams in a group (default 10, 0 for none)',
    },
    parityshard: { type: 'string', value: 'COUNT', help: 'how many of them may be lost (default 3, 0 for none)' },
    nocomp: { type: 'boolean', help: 'no compression; must be as with the peer' },
    acknodelay: { type: 'boolean', help: 'acknowledge at once' },
    sockbuf: { type: 'string', value: 'BYTES', help: "the socket's buffers (default 4194304)" },
    ...Object.fromEntries([...MANUAL_FLAGS, ...IDLE_FLAGS].map((name) => [name, { type: 'string' } as const])),
  };
}

function output(): Record<string, Flag> {
  return {
    quiet: { type: 'boolean', help: 'no message for each connection, no status line' },
    log: { type: 'string', value: 'FILE', help: 'append messages to this file (default: stderr)' },
    help: { type: 'boolean', short: 'h', help: 'print this and exit' },
    version: { type: 'boolean', short: 'v', help: 'print the version and exit' },
    tcp: { type: 'boolean' },
  };
}
