import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endCommand } from './endCommand.js';
import { PEERS, type PeerName } from './peerNames.js';

/** Who can be measured on this machine, and how an end of it is started. */
export interface Prepared {
  readonly commands: ReadonlyMap<PeerName, readonly string[]>;
  /** Who is left out, and why, in words. */
  readonly missing: readonly string[];
}

/** Installs and builds what the wanted peers need, where that is missing. */
export function prepare(wanted: readonly PeerName[], profiles?: string): Prepared {
  const commands = new Map<PeerName, readonly string[]>();
  const missing: string[] = [];
  const add = (names: readonly PeerName[], provide: () => readonly string[]) => {
    const chosen = PEERS.filter(({ name }) => names.includes(name) && wanted.includes(name));
    if (chosen.length === 0) return;
    try {
      const command = provide();
      for (const { name } of chosen) commands.set(name, command);
    } catch (error) {
      const titles = chosen.map(({ title }) => title).join(' and ');
      missing.push(`${titles}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const node = endCommand(profiles);
  add(['raw', 'rx-smux-1', 'rx-smux-2', 'http2', 'http2-4m'], () => node);
  add(['libp2p-yamux'], () => {
    if (!existsSync(`${SOURCES}node_modules`)) execute('npm', ['ci', '--silent', '--prefix', SOURCES], SOURCES);
    return node;
  });
  add(['go-1', 'go-2'], () => {
    if (spawnSync('go', ['version']).status !== 0) throw new Error('Go is not on this machine');
    const program = fileURLToPath(new URL('gobench', import.meta.url));
    execute('go', ['build', '-o', program, '.'], `${SOURCES}go`);
    return [program];
  });
  return { commands, missing };
}

function execute(program: string, args: readonly string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: PATIENCE });
  if (status === 0) return;
  throw new Error(
    `${program} ${args[0]} failed: ${error?.message ?? (stderr.trim().split('\n').at(-1) || `code ${status}`)}`,
  );
}

const SOURCES = fileURLToPath(new URL('../../spec/bench/', import.meta.url));
/** Milliseconds: it may have to load modules. */
const PATIENCE = 180_000;
