// Ours against Go, each end a process of its own, on this host: npm run bench:kcp
//
// Bulk from the server to the client, the processor time of both ends, the time to the first byte, and the goodput where a relay
// loses a fifth of the datagrams. Needs Go.
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const GO_PEER = fileURLToPath(new URL('../../../dist/interop/kcppeer', import.meta.url));
const OUR_PEER = fileURLToPath(new URL('./peer.mjs', import.meta.url));
const PIPES = { stdio: ['pipe', 'pipe', 'inherit'] };
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const BULK = 400_000_000;
const LOSSY = 20_000_000;

execFileSync('go', ['build', '-o', GO_PEER, '.'], { cwd: fileURLToPath(new URL('../go/', import.meta.url)) });

const peers = {
  Go: {
    serve: (flags) => spawn(GO_PEER, ['-listen', '127.0.0.1:0', ...single(flags)], PIPES),
    ask: (port, flags) => spawn(GO_PEER, ['-connect', `127.0.0.1:${port}`, '-source', ...single(flags)], PIPES),
  },
  ours: {
    serve: (flags) => spawn(process.execPath, [OUR_PEER, '--listen', ...flags], PIPES),
    ask: (port, flags) => spawn(process.execPath, [OUR_PEER, '--connect', `${port}`, ...flags], PIPES),
  },
};

for (const crypt of ['null', 'aes', 'aes-128-gcm']) {
  for (const mode of ['fast', 'fast3'])
    await compare(`bulk, ${crypt}, ${mode}`, ['--crypt', crypt, '--mode', mode], BULK, 0);
}
for (const mode of ['fast', 'fast3'])
  await compare(`20 % loss, ${mode}`, ['--crypt', 'null', '--mode', mode], LOSSY, 0.2);
await compare('set-up', ['--crypt', 'aes', '--mode', 'fast'], 1, 0);

async function compare(name, flags, size, loss) {
  const runs = { Go: [], ours: [] };
  // By turns, so that what else the machine does falls on both alike.
  for (let round = 1; round <= ROUNDS; round++) {
    for (const kind of ['Go', 'ours']) runs[kind].push(await measure(peers[kind], flags, size, loss, round));
  }
  const median = (kind, field) => runs[kind].map((run) => run[field]).sort((a, b) => a - b)[ROUNDS >> 1];
  const [Go, ours] = ['Go', 'ours'].map((kind) => ({ ms: median(kind, 'ms'), cpu: median(kind, 'cpu') }));
  const show = ({ ms, cpu }) =>
    size === 1
      ? `${ms.toFixed(1)} ms`
      : `${(size / 1000 / ms).toFixed(1)} MB/s, ${((cpu / size) * 1e6).toFixed(1)} s of processor a GB`;
  const ratio = Go.ms / ours.ms;
  console.log(`${name.padEnd(26)} Go ${show(Go)}; ours ${show(ours)}; ratio ${ratio.toFixed(2)}`);
}

async function measure(peer, flags, size, loss, seed) {
  const server = peer.serve(flags);
  const said = events(server);
  const { addr } = (await said.next()).value;
  const port = Number(addr.split(':').pop());
  const relay = loss > 0 ? await lossyRelay(port, loss, seed) : undefined;
  const client = peer.ask(relay?.port ?? port, [...flags, '--size', `${size}`]);
  const { ms, cpu, stats } = (await events(client).next()).value;
  if (process.env.VERBOSE) console.log(JSON.stringify({ ms, stats }));
  server.stdin.end();
  const { cpu: serverCpu } = (await said.next()).value;
  relay?.close();
  return { ms, cpu: cpu + serverCpu };
}

async function* events(child) {
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line);
}

function single(flags) {
  return flags.map((flag) => flag.replace(/^--/, '-'));
}

async function lossyRelay(target, loss, seed) {
  const options = { type: 'udp4', recvBufferSize: 4_194_304, sendBufferSize: 4_194_304 };
  const [front, back] = [createSocket(options), createSocket(options)];
  let state = seed;
  const isLost = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 < loss;
  };
  let client = 0;
  front.on('message', (datagram, { port }) => {
    client = port;
    if (!isLost()) back.send(datagram, target, '127.0.0.1');
  });
  back.on('message', (datagram) => {
    if (!isLost()) front.send(datagram, client, '127.0.0.1');
  });
  front.bind(0, '127.0.0.1');
  await once(front, 'listening');
  const close = () => {
    front.close();
    back.close();
  };
  return { port: front.address().port, close };
}
