import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCommand, startCommand } from '../helpers/command.js';
import { echoServer, exchange } from './tcp.js';

describe('the rx-smux command', () => {
  it('prints its help, of the whole and of each command, with flags, defaults and exit codes', async () => {
    const helps = await Promise.all([runCommand('--help'), runCommand('client', '--help'), runCommand('server', '-h')]);
    const [whole, client, server] = helps.map(({ stdout }) => stdout);
    for (const { code, stderr } of helps) expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
    for (const text of [whole, client, server]) expect(text).toContain('Exit codes: 0 ');
    for (const text of [whole, client]) expect(text).toMatch(/-r, --remoteaddr .*required/);
    for (const text of [whole, server]) expect(text).toMatch(/-t, --target .*required/);
    expect(client).toMatch(/--smuxbuf BYTES .*default 4194304/);
    expect(client).not.toContain('--target');
    expect(server).not.toContain('--tcp');
  });

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await runCommand('--version')).toStrictEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [['client', '-l', ':1', '-r', ':2', '--bad'], "Unknown option '--bad'"],
    [['client', '-l', ':1'], '--remoteaddr (-r) is missing'],
    [['client', '-l', ':1', '-r', ':2', '--tcp'], 'plain TCP'],
    [[], 'server or client'],
  ])('exits with 2 and says what is wrong with %j', async (args, why) => {
    const { code, stdout, stderr } = await runCommand(...args);
    expect({ code, stdout }).toStrictEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr).toContain('rx-smux --help');
  });

  it('exits with 1 when it cannot listen', async () => {
    const { port } = await echoServer();
    const [client, server] = await Promise.all([
      runCommand('client', '-l', `127.0.0.1:${port}`, '-r', '127.0.0.1:1'),
      runCommand('server', '-l', `127.0.0.1:${port}`, '-t', '127.0.0.1:1'),
    ]);
    for (const { code, stderr } of [client, server]) {
      expect(code).toBe(1);
      expect(stderr).toMatch(/cannot listen: .*EADDRINUSE/);
    }
  });

  it('exits with 1 when it cannot write the log', async () => {
    const { code, stderr } = await runCommand('server', '-l', ':0', '-t', ':1', '--log', '/nowhere/x.log');
    expect(code).toBe(1);
    expect(stderr).toContain('cannot write the log: ENOENT');
  });

  it('writes messages to a log file and, when quiet, none about single connections', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rx-smux-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const target = await echoServer();
    const file = join(folder, 'client.log');
    const server = await startCommand('server', '-l', '127.0.0.1:0', '-t', `127.0.0.1:${target.port}`, '--quiet');
    const socketPath = join(folder, 'in.sock');
    const clients = [
      startCommand('client', '-l', '127.0.0.1:0', '-r', server.address, '--quiet'),
      runCommand('client', '-l', socketPath, '-r', server.address, '--log', file),
    ] as const;
    const client = await clients[0];
    expect((await exchange(client.port, 'hello')).toString()).toBe('hello');
    expect(client.messages + server.messages).not.toContain('stream');
    expect(client.messages).not.toContain('\x1b');
    expect(client.messages).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z listening on /);
    await expect.poll(() => readFileSync(file, 'utf8')).toContain(`listening on ${socketPath}\n`);
  });
});
