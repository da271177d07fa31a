import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

describe('demo/start', () => {
  it('downloads and uploads through one connection, checks every byte and says so', async () => {
    const { code, stdout, stderr } = await run('start', '--scale', '0.1');
    expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('24 files at once, and uploads one');
    expect(stdout.match(/ ✓$/gm)).toHaveLength(25);
    for (const line of [
      /^ {2}streams +25 through 1 TCP connection$/m,
      /^ {2}SHA-256 +25 of 25 as expected$/m,
      /^ {2}throughput +3\d\.\d MB in .* MB\/s$/m,
      /^ {2}fairness +(Jain's index|too little time)/m,
      /^ {2}memory +rx-smux client .*rx-smux server .*this program .* at most$/m,
      /^ {2}end .* 0 and 0$/m,
      /^ {2}Everything arrived as it was sent\.$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    expect(stdout).not.toContain('\x1b');
  });

  it('exits with 1 and names the file when a single byte is wrong', async () => {
    const { code, stdout } = await run('start', '--scale', '0.01', '--corrupt', 'bulk-3');
    expect(code).toBe(1);
    expect(stdout).toMatch(/WRONG bulk-3: SHA-256 is [0-9a-f]{64}, should be [0-9a-f]{64}/);
    expect(stdout.match(/ ✓$/gm)).toHaveLength(24);
    expect(stdout).toContain('NOT everything is as it should be');
  });

  it('explains itself, and what it does not understand', async () => {
    const [help, bad] = await Promise.all([run('start', '--help'), run('start', '--scale', 'big')]);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('--scale FACTOR');
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('--scale must be');
  });
});

describe('demo/echo', () => {
  it('sends each text through a stream of its own and prints the echo', async () => {
    const { code, stdout } = await run('echo', 'hello', 'wörld');
    expect(code).toBe(0);
    expect(stdout.split('\n').sort()).toStrictEqual(['', 'stream 3: hello', 'stream 5: wörld']);
  });
});

describe('demo/chat', () => {
  it('carries lines both ways and ends when both have said goodbye', async () => {
    const alice = start('chat', 'listen', '0');
    const port = await alice.said(/listening on port (\d+)/);
    const bob = start('chat', 'connect', port);
    await Promise.all([alice.said(/(connected)/), bob.said(/(connected)/)]);
    alice.child.stdin?.write('hello, Bob\n');
    await bob.said(/(hello, Bob)\n/);
    bob.child.stdin?.end('hello, Alice\n');
    await alice.said(/(hello, Alice)\n/);
    alice.child.stdin?.end('bye\n');
    expect(await Promise.all([alice.ended, bob.ended])).toMatchObject([
      { code: 0, stdout: 'hello, Alice\n' },
      { code: 0, stdout: 'hello, Bob\nbye\n' },
    ]);
  });

  it('exits with 1 when the other one breaks off, with 2 when it does not know what to do', async () => {
    const alice = start('chat', 'listen', '0');
    const bob = start('chat', 'connect', await alice.said(/listening on port (\d+)/));
    await Promise.all([alice.said(/(connected)/), bob.said(/(connected)/)]);
    bob.child.kill('SIGKILL');
    expect(await alice.ended).toMatchObject({ code: 1 });
    expect(await run('chat')).toMatchObject({ code: 2 });
  });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a demo to its end. */
function run(demo: string, ...args: readonly string[]): Promise<Ended> {
  return start(demo, ...args).ended;
}

/** Starts a demo; it is killed when the test has finished, if it still runs. */
function start(demo: string, ...args: readonly string[]) {
  const file = fileURLToPath(new URL(`../../dist/demo/${demo}.js`, import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [file, ...args]);
  onTestFinished(() => void child.kill('SIGTERM'));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...output })));
  /** Waits for a line, and resolves with the part in brackets. */
  const said = async (pattern: RegExp): Promise<string> => {
    const match = () => pattern.exec(output.stdout + output.stderr)?.[1];
    await expect.poll(match, { timeout: 5000, interval: 20 }).toBeDefined();
    return match() ?? '';
  };
  return { child, ended, said };
}
