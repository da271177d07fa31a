import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { FLAGS } from '../lib/cli/flags.js';
import { resolveOptions } from '../lib/options.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');
const folder = `${root}dist/readme/`;
/** The snippets of the README by the name in their first line. */
const snippets = new Map(
  [...readme.matchAll(/```js\n\/\/ (\S+)\n(.*?)```/gs)].map(([, name = '', code = '']) => [name, code] as const),
);
/** Flags that have nothing to do with KCP, or turn it on. */
const FLAGS_OF_TCP = Object.fromEntries(
  'localaddr remoteaddr smuxbuf streambuf keepalive tls ca cert key-file kcp quiet log help version'
    .split(' ')
    .map((name) => [name, true]),
);
const processes: ChildProcess[] = [];
const servers: Server[] = [];

afterEach(() => {
  for (const running of processes.splice(0)) running.kill();
  for (const server of servers.splice(0)) server.close();
});

const freePort = async () => {
  const server = createTcpServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
};

/** Writes a snippet between what it takes for granted and what shows its effect; the path of the program. */
const write = (name: string, before = '', after = '', port = '0') => {
  const code = snippets.get(name);
  if (code === undefined) throw new Error(`the README has no snippet ${name}`);
  snippets.delete(name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${name}`, `${before}\n${code.replaceAll('4000', port)}\n${after}`);
  return `${folder}${name}`;
};
/** Runs what was written. */
const run = (name: string, { before = '', after = '', port = '0' } = {}) =>
  start(process.execPath, [write(name, before, after, port)]);
const start = (program: string, args: readonly string[]) => {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  processes.push(child);
  const running = { child, output: '' };
  const collect = (chunk: Buffer) => {
    running.output += chunk;
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return running;
};
const outputOf = async (running: ReturnType<typeof start>) => {
  if (running.child.exitCode === null) await once(running.child, 'exit');
  return running.output.trim();
};

/** A session with a server that does as `serve` says with each stream. */
const withSession = (serve: string, ...imports: readonly string[]) => `
  import { Buffer } from 'node:buffer';
  import { createReadStream, writeFileSync } from 'node:fs';
  import { createServer, request } from 'node:http';
  import { text } from 'node:stream/consumers';
  import { ${[...imports, 'mergeMap as each'].join(', ')} } from 'rxjs';
  import { handleStreams } from 'rx-smux';
  import { connect, connectAsync as dial, listen, toDuplex } from 'rx-smux/node';
  const accepted = [];
  let server;
  const port = await new Promise((resolve) => {
    server = listen({ port: 0, host: '127.0.0.1', listeningObserver: { next: (address) => resolve(address.port) } })
      .pipe(each((session) => { accepted.push(session); return ${serve}; }))
      .subscribe();
  });
`;
const echo = 'session.streams$.pipe(handleStreams((s) => s.send(s)))';
const withStream = (serve: string, ...imports: readonly string[]) => `${withSession(serve, ...imports)}
  const session = await dial({ host: '127.0.0.1', port });
  const stream = session.open();
  stream.next(new Uint8Array(0));
`;
const finish = 'session.close(); server.unsubscribe();';

describe('the README', () => {
  it('shows a server that echoes and a client that asks it', async () => {
    const port = await freePort();
    const server = run('server.mjs', { port });
    await expect.poll(() => server.output).toBe(`listening on ${port}\n`);
    expect(await outputOf(run('client.mjs', { port }))).toBe('hello');
  });

  it('shows a server and a client over KCP', async () => {
    const port = await freePort();
    const server = run('kcp-server.mjs', { port });
    await expect.poll(() => server.output).toBe(`listening on ${port}\n`);
    const after = 'console.log(rtt < 1000, loss);';
    expect(await outputOf(run('kcp-client.mjs', { port, after }))).toBe('hello\ntrue 0');
  });

  it('lists every flag of KCP that the help has', () => {
    const help = Object.entries(FLAGS.client).filter(([name, flag]) => flag.help && !(name in FLAGS_OF_TCP));
    const rows = [...readme.matchAll(/^\| (`-[^|]+) \|/gm)].map(([, flags]) => flags).join(' ');
    const missing = help.map(([name]) => name).filter((name) => !rows.includes(`\`--${name}\``));
    expect(missing).toEqual([]);
  });

  it('shows handlers, of which one may fail', async () => {
    const port = await freePort();
    const server = run('handlers.mjs', { port });
    await expect.poll(() => server.output).toBe(`listening on ${port}\n`);
    const client = `
      import { connectAsync } from 'rx-smux/node';
      const session = await connectAsync({ port: ${port} });
      const ask = async (bytes) => {
        const stream = session.open();
        stream.next(bytes);
        stream.complete();
        for await (const chunk of stream) console.log(Buffer.from(chunk).toString());
      };
      await ask(Buffer.from('louder'));
      session.open().next(Buffer.from('unfinished'));
      setTimeout(() => session.destroy(), 100);
    `;
    writeFileSync(`${folder}shouting.mjs`, client);
    expect(await outputOf(start(process.execPath, [`${folder}shouting.mjs`]))).toBe('LOUDER');
    await expect.poll(() => server.output).toContain('lost one: the link ended with 1 streams unfinished');
  });

  it('shows reading with slow work', async () => {
    const sending = 'session.streams$.pipe(handleStreams((s) => s.send([Buffer.alloc(100_000)])))';
    const before = `${withStream(sending, 'lastValueFrom', 'toArray')}
      const saveSlowly = async (chunk) => {
        await new Promise((done) => setTimeout(done, 5));
        return chunk.length;
      };
    `;
    expect(await outputOf(run('reading.mjs', { before, after: finish }))).toBe('saved 100000 bytes');
  });

  it('shows reading by demand', async () => {
    const message = "Buffer.from([0, 0, 0, 2]), Buffer.from('hi')";
    const before = withStream(
      `session.streams$.pipe(handleStreams((s) => s.send([${message}])))`,
      'firstValueFrom, lastValueFrom, of, toArray',
    );
    expect(await outputOf(run('demanding.mjs', { before, after: finish }))).toBe('a message of 2 bytes: hi');
  });

  it('shows sending a file', async () => {
    const before = `${withStream(echo, 'lastValueFrom')}
      const file = '${folder}file.bin';
      writeFileSync(file, Buffer.alloc(1_000_000, 7));
      let echoed = 0;
      stream.subscribe((chunk) => { echoed += chunk.length; });
    `;
    const after = `stream.closed$.subscribe(() => { console.log(echoed); ${finish} });`;
    expect(await outputOf(run('writing.mjs', { before, after }))).toBe('sent 1000000 bytes\n1000000');
  });

  it('shows pacing by writable$', async () => {
    const before = `${withStream('NEVER', 'filter, NEVER, of, repeat, withLatestFrom')}
      const ticks$ = of(Buffer.alloc(100_000)).pipe(repeat(50));
    `;
    const after = `console.log(stream.bufferedAmount); session.destroy(); server.unsubscribe();
      for (const other of accepted) other.destroy();`;
    const buffered = Number(await outputOf(run('pacing.mjs', { before, after })));
    expect(buffered).toBe(300_000); // not the 5 million of fifty ticks
  });

  it('shows half-closing', async () => {
    const answering = `session.streams$.pipe(handleStreams(async (s) => {
      for await (const chunk of s) s.next(Buffer.concat([Buffer.from('answer to '), chunk]));
    }))`;
    const before = withStream(answering, 'lastValueFrom, toArray');
    expect(await outputOf(run('half-close.mjs', { before, after: finish }))).toBe('answer to question');
  });

  it('shows reconnecting', async () => {
    const before = withSession(echo, 'retry, switchMap, tap, timer');
    const after = `
      const lose = () => {
        accepted[0].open(); // unfinished, so that its end is a loss
        setTimeout(() => accepted[0].destroy(), 50);
      };
      setTimeout(lose, 200);
      setTimeout(() => process.exit(0), 1200);
    `;
    const output = await outputOf(run('reconnecting.mjs', { before, after }));
    expect(output.split('\n').filter((line) => line === 'sent 10 bytes')).toHaveLength(2);
  });

  it('shows a WebSocket server and a page that asks it', async () => {
    const port = await freePort();
    run('websocket-server.mjs', { port });
    const before = "import { WebSocket } from 'ws'; globalThis.WebSocket ??= WebSocket;";
    const page = run('page.mjs', { port, before });
    await expect.poll(() => page.output, { timeout: 5000 }).toBe('hello\n');
  });

  it('shows a page and its worker', async () => {
    const imports = `
      import { createSession, handleStreams } from 'rx-smux';
      import { messagePortTransport } from 'rx-smux/web';
    `;
    write(
      'worker.mjs',
      `${imports} import { parentPort } from 'node:worker_threads';
       const addEventListener = (type, listener) => parentPort.on(type, (data) => listener({ data }));`,
    );
    const before = `${imports} import { Worker } from 'node:worker_threads';
      const worker = new Worker('${folder}worker.mjs');
    `;
    const after = `
      const stream = session.open();
      stream.next(Buffer.from('hello'));
      stream.complete();
      stream.subscribe({ next: (chunk) => console.log(String(Buffer.from(chunk))), complete: () => worker.terminate() });
    `;
    expect(await outputOf(run('worker-page.mjs', { before, after }))).toBe('hello');
  });

  it('shows web streams', async () => {
    const before = `${withSession(echo)} import { toWebStreams } from 'rx-smux/web';
      const session = await dial({ host: '127.0.0.1', port });
    `;
    const output = await outputOf(run('web-streams.mjs', { before, after: finish }));
    expect(output).toMatch(/^16000 characters in \d{2,3} bytes$/);
  });

  it('shows a client for a Go server with its default configuration', async () => {
    const before = `${withSession(echo, 'take')} import { connectAsync } from 'rx-smux/node';`;
    const after = `
      const stream = session.open();
      stream.next(Buffer.from('x'));
      stream.pipe(take(1)).subscribe(() => { console.log(session.version, accepted[0].version); ${finish} });
    `;
    expect(await outputOf(run('go-client.mjs', { before, after }))).toBe('1 1');
  });

  it('shows HTTP over streams', async () => {
    const before = `${withSession('NEVER', 'NEVER')}
      const clientSession = await dial({ host: '127.0.0.1', port });
      while (accepted.length === 0) await new Promise(setImmediate);
      const [serverSession] = accepted;
    `;
    const after = "asking.on('close', () => setTimeout(() => process.exit(0), 100));";
    expect(await outputOf(run('http.mjs', { before, after }))).toBe('you asked for /hello');
  });

  it.each(['service.spec.mjs', 'back-pressure.spec.mjs', 'reconnect.spec.mjs'])('shows a test: %s', async (name) => {
    const tests = run(name, { before: "import { describe, it } from 'node:test';" });
    const output = await outputOf(tests);
    expect(output).toMatch(/^(#|ℹ) fail 0$/m);
    expect(output).not.toMatch(/^(#|ℹ) pass 0$/m);
    expect(tests.child.exitCode).toBe(0);
  });

  it('has no snippet that is not run', () => {
    expect([...snippets.keys()]).toEqual([]);
    const unnamed = [...readme.matchAll(/```(js|ts)\n(?!\/\/ \S+\.mjs\n)/g)];
    expect(unnamed).toEqual([]);
  });

  it('shows commands that forward connections', async () => {
    const [listener, link, target] = [await freePort(), await freePort(), await freePort()];
    const ports: Readonly<Record<string, string>> = { 3000: listener, 4000: link, 8080: target };
    const web = createServer((_, response) => response.end('through the tunnel')).listen(Number(target), '127.0.0.1');
    servers.push(web);
    const block = /```sh\n(rx-smux server.*?)```/s.exec(readme)?.[1] ?? '';
    const [server = '', client = '', curl = ''] = block
      .replace(/#.*/g, '')
      .replace(/\b(3000|4000|8080)\b/g, (port) => ports[port] as string)
      .split('\n')
      .map((line) => line.trim());
    const command = (line: string) => start(process.execPath, ['dist/lib/cli/main.js', ...line.split(/ +/).slice(1)]);
    const running = [command(server), command(client)];
    for (const { output } of running) expect(output).not.toContain('rror');
    await expect
      .poll(() => running.every(({ output }) => output.includes('listening on')), { timeout: 5000 })
      .toBe(true);
    const [program = '', ...args] = curl.split(' ');
    expect(program).toBe('curl');
    const { stdout } = await promisify(execFile)(program, ['-s', '--retry', '3', ...args]);
    expect(stdout).toBe('through the tunnel');
  });

  it('lists every option with its default', () => {
    const rows = [...readme.matchAll(/^\| `(\w+)` \| (.*?) \|.*\|$/gm)].map(([, name, value]) => [name, value]);
    const documented = Object.fromEntries(rows.filter(([name]) => !String(name).startsWith('SMUX_')));
    const { role: _, ...defaults } = resolveOptions({ role: 'server' });
    expect(Object.keys(documented).sort()).toEqual(Object.keys(defaults).sort());
    for (const [name, value] of Object.entries(defaults)) expect(documented[name]).toContain(String(value));
    expect(documented.version).toContain(String(resolveOptions({ role: 'client' }).version));
  });

  it('lists every error code with its class', () => {
    const source = readFileSync(`${root}lib/errors.ts`, 'utf8');
    const declared = new Map<string, string>();
    for (const [, kind = '', codes = ''] of source.matchAll(/type (\w+)ErrorCode =\n(.*?);/gs)) {
      for (const [code] of codes.matchAll(/SMUX_ERR_\w+/g)) declared.set(code, `${kind}Error`);
    }
    const documented = [...readme.matchAll(/^\| `(SMUX_ERR_\w+)` \| `(\w+)` \|/gm)].map(([, code, kind]) => [
      code,
      kind,
    ]);
    expect(declared.size).toBeGreaterThan(15);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(declared));
  });
});
