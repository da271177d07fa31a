import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The `rx-smux` command at work in a process of its own. */
export interface RunningCommand {
  /** As the first message gives it. */
  readonly address: string;
  readonly port: number;
  /** The messages so far. */
  readonly messages: string;
  /** Resolves when a message matches. */
  said(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<Exit>;
  /** Bytes of memory that the process uses now. */
  readonly memory: number;
  /** What the process list shows to everybody. */
  readonly commandLine: string;
}

/** How a process ended: one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts `rx-smux` and waits until it listens. It is killed when the test has finished, if it still runs. */
export async function startCommand(...args: readonly string[]): Promise<RunningCommand> {
  const child = launch(args);
  const exited = exitOf(child);
  let messages = '';
  const waiting = new Set<() => void>();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    messages += text;
    for (const check of waiting) check();
  });
  const said = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${pattern} was not said ${why}; messages:\n${messages}`));
      const timer = setTimeout(fail, PATIENCE, `for ${PATIENCE} ms`);
      const check = () => {
        if (!pattern.test(messages)) return;
        waiting.delete(check);
        clearTimeout(timer);
        resolve();
      };
      waiting.add(check);
      void exited.then(({ code }) => fail(`until exit code ${code}`));
      check();
    });

  await said(/listening on \S+\n/);
  const address = /listening on (\S+)\n/.exec(messages)?.[1] ?? '';
  return {
    address,
    port: Number(address.split(':').at(-1)),
    get messages() {
      return messages;
    },
    said,
    kill: (signal) => void child.kill(signal),
    exited,
    get memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    },
    get commandLine() {
      return readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    },
  };
}

/** Runs `rx-smux` to its end. */
export async function runCommand(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = launch(args);
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const { code } = await exitOf(child);
  return { code, ...output };
}

function launch(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
}

const MAIN = fileURLToPath(new URL('../../dist/lib/cli/main.js', import.meta.url));
const PATIENCE = 10_000;
