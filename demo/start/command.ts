import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The `rx-smux` command in a process of its own. */
export interface RunningCommand {
  readonly address: string;
  readonly messages: () => string;
  /** Asks it to end; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** The most memory it has used so far, in bytes; `undefined` where the system does not tell. */
  peakMemory(): number | undefined;
}

/** Starts the command and waits until it listens. */
export async function startCommand(...args: readonly string[]): Promise<RunningCommand> {
  const child = spawn(process.execPath, [mainFile(), ...args], { stdio: ['ignore', 'inherit', 'pipe'] });
  process.on('exit', () => child.kill('SIGKILL'));
  let messages = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages += text;
  });
  while (!LISTENING.test(messages)) {
    const isOver = await Promise.race([
      once(child.stderr, 'data').then(() => false),
      once(child, 'exit').then(() => true),
    ]);
    if (isOver) throw new Error(`rx-smux ${args.join(' ')} has ended:\n${messages}`);
  }
  return {
    address: LISTENING.exec(messages)?.[1] ?? '',
    messages: () => messages,
    stop: () => stop(child),
    peakMemory: () => peakMemory(child.pid),
  };
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
  return child.exitCode;
}

function peakMemory(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

function mainFile(): string {
  const require = createRequire(import.meta.url);
  const { bin } = require('rx-smux/package.json') as { readonly bin: { readonly 'rx-smux': string } };
  return join(dirname(require.resolve('rx-smux/package.json')), bin['rx-smux']);
}

const LISTENING = /listening on (\S+)\n/;
