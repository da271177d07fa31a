import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

/** Where a program is missing the specs that need it are skipped, unless RX_SMUX_REQUIRE_GO says that they must run. */
export const hasKcptun = isThere('kcptun-server', ['--version'], 'kcptun, a package of Debian');
export const hasGo = isThere('go', ['version'], 'Go');

function isThere(program: string, args: readonly string[], name: string): boolean {
  if (spawnSync(program, args).status === 0) return true;
  const message = `The specs against live KCP peers need ${name}, which is not on this machine`;
  if (process.env.RX_SMUX_REQUIRE_GO) throw new Error(message);
  console.warn(`${message}: skipped`);
  return false;
}

/** A process that is killed when the test has finished. */
export function start(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stderr.resume();
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return child;
}

/** Resolves when the process has said on stderr that it is ready. */
async function said(child: ChildProcess, pattern: RegExp): Promise<void> {
  let text = '';
  for await (const chunk of (child.stderr as Readable).iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (!pattern.test(text)) continue;
    child.stderr?.resume();
    return;
  }
  throw new Error(`${child.spawnfile} ended before it was ready: ${text}`);
}

/** kcptun's server; returns its port. */
export async function kcptunServer(target: string, flags: readonly string[], port?: number) {
  const listening = port ?? (await freePort('udp'));
  const child = spawn('kcptun-server', ['-l', `127.0.0.1:${listening}`, '-t', target, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  child.stderr.resume();
  while (!isBound(listening)) await sleep(10);
  return { port: listening, child, closed };
}

/** kcptun's client; returns the port that it accepts connections on. */
export async function kcptunClient(remotePort: number, flags: readonly string[]) {
  const port = await freePort('tcp');
  const child = spawn('kcptun-client', ['-l', `127.0.0.1:${port}`, '-r', `127.0.0.1:${remotePort}`, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await said(child, /listening on:/);
  return { port, child };
}

/** Whether a UDP port of the loopback interface is taken: kcptun does not tell when it is ready. */
function isBound(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/udp', 'utf8').includes(`0100007F:${hex} 00000000:0000`);
}

/** A port that nobody has, below those that the system hands out, each worker in a range of its own. */
export async function freePort(kind: 'tcp' | 'udp'): Promise<number> {
  for (;;) {
    const port = 10_000 + 2000 * Number(process.env.VITEST_POOL_ID ?? 0) + (portCount++ % 2000);
    const probe =
      kind === 'udp' ? createSocket('udp4').bind(port, '127.0.0.1') : createServer().listen(port, '127.0.0.1');
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}

/** Builds the Go peer; returns the path of the program. */
export async function buildKcpPeer(): Promise<string> {
  const folder = fileURLToPath(new URL('../go/', import.meta.url));
  const program = fileURLToPath(new URL('../../../dist/interop/kcppeer', import.meta.url));
  await promisify(execFile)('go', ['build', '-o', program, '.'], { cwd: folder });
  return program;
}

/** The Go peer as server; returns its port. */
export async function kcpPeerServer(program: string, flags: readonly string[]): Promise<number> {
  const child = start(program, ['-listen', '127.0.0.1:0', ...flags]);
  for await (const line of createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> })) {
    const { addr } = JSON.parse(line) as { addr: string };
    return Number(addr.split(':').pop());
  }
  throw new Error('the Go peer did not start');
}

/** The Go peer as client, to its end: its report. */
export async function kcpPeerClient(program: string, port: number, flags: readonly string[]): Promise<{ ms: number }> {
  const { stdout } = await promisify(execFile)(program, ['-connect', `127.0.0.1:${port}`, ...flags], {
    timeout: 60_000,
  });
  return JSON.parse(stdout) as { ms: number };
}

let portCount = 0;
