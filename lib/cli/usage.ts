import { FLAGS, type Flag, type Role } from './flags.js';

/** What `--help` prints: of the whole, or of one command. */
export function usage(role?: Role): string {
  return role === undefined ? OVERVIEW : `${HEAD[role]}\n\nFlags:\n${flagLines(FLAGS[role])}\n\n${FOOT}`;
}

function flagLines(flags: Readonly<Record<string, Flag>>): string {
  const rows = Object.entries(flags)
    .filter(([, { help }]) => help !== undefined)
    .map(([name, { short, value, help }]) => ({
      flag: `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`,
      help,
    }));
  const width = Math.max(...rows.map(({ flag }) => flag.length));
  return rows.map(({ flag, help }) => `  ${flag.padEnd(width)}  ${help}`).join('\n');
}

const FOOT = `Addresses: 127.0.0.1:4000, [::1]:4000, example.org:4000, :4000 (listening: on every interface;
connecting: this machine), or the path of a Unix socket, which has a slash in it. Listening on
port 0 takes a free one; the address is in the first message.

SIGINT or SIGTERM: no new connections, those there are may finish for 10 s; a second one exits at once.

Exit codes: 0 stopped in order, 1 cannot listen or cannot write the log, 2 bad usage, 130 or 143 a second SIGINT or SIGTERM.`;

const OVERVIEW = `Forwards TCP connections as streams of one smux session, over TCP or TLS.

  application ──► rx-smux client ══ one connection, many streams ══► rx-smux server ──► target

Usage:
  rx-smux client -l ADDRESS -r ADDRESS [flags]
  rx-smux server -l ADDRESS -t ADDRESS [flags]
  rx-smux --help | --version

Flags of rx-smux client:
${flagLines(FLAGS.client)}

Flags of rx-smux server:
${flagLines(FLAGS.server)}

${FOOT}`;

const HEAD: Readonly<Record<Role, string>> = {
  client: `Accepts TCP connections; each becomes a stream of a session with an rx-smux server.

Usage: rx-smux client -l ADDRESS -r ADDRESS [flags]`,
  server: `Accepts sessions of rx-smux clients and connects each of their streams to the target.

Usage: rx-smux server -l ADDRESS -t ADDRESS [flags]`,
};
