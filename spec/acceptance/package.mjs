// Packs the package, installs it into an empty folder as a user would, imports every entry, runs the command, checks the types.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rx-smux-package-'));
const run = (program, args, cwd = folder) => execFileSync(program, args, { cwd, encoding: 'utf8' }).trim();
const { version, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

try {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], root));
  const stray = packed.files.filter(({ path }) => !/^(dist\/lib\/|package\.json|README\.md|LICENSE)/.test(path));
  if (stray.length > 0) throw new Error(`the package holds ${stray.map(({ path }) => path).join(', ')}`);

  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  run('npm', ['install', '--silent', `./${packed.filename}`, `rxjs@${devDependencies.rxjs}`]);
  const installed = run('ls', ['node_modules']).split('\n').sort().join(' ');
  if (installed !== 'rx-smux rxjs tslib') throw new Error(`installing brings ${installed}`);

  writeFileSync(join(folder, 'import.mjs'), importing());
  console.log(run(process.execPath, ['import.mjs']));
  writeFileSync(join(folder, 'types.ts'), typing());
  run(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    ...[
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom',
      '--types',
      '',
      'types.ts',
    ],
  ]);
  const printed = run(join(folder, 'node_modules/.bin/rx-smux'), ['--version']);
  if (!printed.includes(version)) throw new Error(`rx-smux --version says ${printed}`);
  console.log(
    `rx-smux ${version}: ${packed.files.length} files, ${packed.size} bytes packed; installs, imports, runs, type-checks`,
  );
} finally {
  rmSync(folder, { recursive: true });
}

function importing() {
  return `
    import { createSession, handleStreams } from 'rx-smux';
    import { connect, listen, listenWebSocket } from 'rx-smux/node';
    import { connectKcp, listenKcp } from 'rx-smux/kcp';
    import { fairQueue } from 'rx-smux/operators';
    import { linkedTransports } from 'rx-smux/testing';
    import { connectWebSocket } from 'rx-smux/web';
    const [a, b] = linkedTransports();
    const client = createSession(a, { role: 'client' });
    const server = createSession(b, { role: 'server' });
    server.streams$.pipe(handleStreams((stream) => stream.send(stream))).subscribe();
    const stream = client.open();
    stream.next(new TextEncoder().encode('installed and imported'));
    stream.complete();
    for await (const chunk of stream) console.log(new TextDecoder().decode(chunk));
    client.close();
    for (const part of [connect, connectKcp, connectWebSocket, listen, listenKcp, fairQueue]) if (typeof part !== 'function') throw new Error('not a function');
    // ws is an optional peer, which is not there.
    await listenWebSocket({ port: 0 }).forEach(() => {}).then(
      () => { throw new Error('ws is there'); },
      (error) => { if (!error.message.includes('ws')) throw error; },
    );
  `;
}

/** Without Node's types: the core must not need them. */
function typing() {
  return `
    import { createSession, type Session, type SmuxStream, type Transport } from 'rx-smux';
    import { of } from 'rxjs';
    import { limitByCredit } from 'rx-smux/operators';
    import { linkedTransports } from 'rx-smux/testing';
    import { connectWebSocket, messagePortTransport, toWebStreams, webSocketTransport, webStreamsTransport } from 'rx-smux/web';
    const [transport]: Transport[] = linkedTransports();
    const session: Session = createSession(transport!, { role: 'client', version: 1 });
    const stream: SmuxStream = session.open({ weight: 2 });
    stream.pipe(limitByCredit(of(10))).subscribe((chunk: Uint8Array) => chunk.length);
    const { readable, writable } = toWebStreams(stream);
    const transports: Transport[] = [
      webSocketTransport(new WebSocket('ws://localhost'), { maxPausedBuffer: 1000 }),
      messagePortTransport(new MessageChannel().port1),
      webStreamsTransport({ readable, writable }),
    ];
    const closeObserver = { next: ({ code, reason }: CloseEvent) => console.log(code, reason, transports.length) };
    connectWebSocket({ url: 'ws://localhost', WebSocketCtor: WebSocket, closeObserver }).subscribe(({ version }) => version);
  `;
}
