// Our end of the benchmark, with the ways of ../go/main.go: serves with --listen, asks with --connect.
import { parseArgs } from 'node:util';
import { handleStreams } from 'rx-smux';
import { connectKcpAsync, listenKcp } from 'rx-smux/kcp';
import { lastValueFrom, mergeMap, tap } from 'rxjs';

const { values } = parseArgs({
  options: {
    listen: { type: 'boolean' },
    connect: { type: 'string' },
    crypt: { type: 'string', default: 'null' },
    mode: { type: 'string', default: 'fast' },
    size: { type: 'string', default: '0' },
    smuxver: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    congestion: { type: 'string', default: 'rate' },
  },
});
const options = {
  host: '127.0.0.1',
  crypt: values.crypt,
  key: 'bench',
  mode: values.mode,
  congestionControl: values.congestion,
  maxStreamBuffer: 2_097_152,
};
const PATTERN = makePattern();
const LOADED = process.cpuUsage();

if (values.listen) serve();
else await ask(Number(values.connect));

function serve() {
  let transport;
  const listeningObserver = {
    next: ({ port }) => report({ event: 'listening', addr: `127.0.0.1:${port}` }),
  };
  listenKcp({ ...options, port: 0, listeningObserver })
    .pipe(
      tap((session) => {
        transport = session.transport;
      }),
      mergeMap((session) => session.streams$.pipe(handleStreams(answer))),
    )
    .subscribe();
  process.stdin.on('end', () => {
    report({ event: 'stopped', cpu: cpu(), stats: transport?.stats });
    process.exit();
  });
  process.stdin.resume();
}

async function answer(stream) {
  let head = Buffer.alloc(0);
  for await (const chunk of stream) {
    head = Buffer.concat([head, chunk]);
    if (head.length >= 9) break;
  }
  await lastValueFrom(stream.send(pieces(Number(head.readBigUInt64LE(1)))));
}

function* pieces(size) {
  for (let left = size; left > 0; left -= PATTERN.length) yield PATTERN.subarray(0, Math.min(left, PATTERN.length));
}

async function ask(port) {
  const begin = performance.now();
  const session = await connectKcpAsync({ ...options, port, version: Number(values.smuxver) });
  const size = Number(values.size);
  await Promise.all(Array.from({ length: Number(values.count) }, () => receive(session, size)));
  report({ event: 'done', ms: performance.now() - begin, cpu: cpu(), stats: session.transport.stats });
  process.exit();
}

async function receive(session, size) {
  const stream = session.open();
  const head = Buffer.alloc(9, 's');
  head.writeBigUInt64LE(BigInt(size), 1);
  stream.next(head);
  let received = 0;
  await new Promise((resolve, reject) => {
    const reading = stream.subscribe({
      next: (chunk) => {
        received += chunk.length;
        if (received < size) return;
        queueMicrotask(() => reading.unsubscribe());
        resolve();
      },
      error: reject,
      complete: () => reject(new Error(`ended after ${received} bytes`)),
    });
  });
}

function makePattern() {
  const bytes = Buffer.alloc(65_521);
  let state = 1;
  for (let at = 0; at < bytes.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state;
  }
  return bytes;
}

/** Milliseconds since the start, without what it took to load the program. */
function cpu() {
  const { user, system } = process.cpuUsage(LOADED);
  return (user + system) / 1000;
}

function report(event) {
  console.log(JSON.stringify(event));
}
