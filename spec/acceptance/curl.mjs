// curl ──► rx-smux client ══► rx-smux server ──► an HTTP server in this process
//
// Run after a build: node spec/acceptance/curl.mjs. Takes about a minute; exits with 1 when anything is not as it should be.
import { spawn } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MIB = 1024 * 1024;
const MEMORY_LIMIT = 200 * MIB;
const MAIN = fileURLToPath(new URL('../../dist/lib/cli/main.js', import.meta.url));

const children = new Set();
const results = [];
let sent = 0;

const folder = mkdtempSync(join(tmpdir(), 'rx-smux-'));
const origin = createServer(serve).listen(0, '127.0.0.1');
try {
  await once(origin, 'listening');
  const server = await startCommand(
    'server',
    '-l',
    '127.0.0.1:0',
    '-t',
    `127.0.0.1:${origin.address().port}`,
    '--quiet',
  );
  const client = await startCommand('client', '-l', '127.0.0.1:0', '-r', server.address, '--quiet');
  const base = `http://${client.address}`;
  const processes = { server: server.child.pid, client: client.child.pid };

  await manyRequests(base, processes);
  await bigFile(base, processes);
  await stoppedReader(base, processes);
} finally {
  for (const child of children) child.kill('SIGKILL');
  origin.closeAllConnections();
  origin.close();
  rmSync(folder, { recursive: true });
  report();
}

/** Two hundred at once, of many sizes, none of them empty. */
async function manyRequests(base, processes) {
  const count = 200;
  const started = performance.now();
  const flags = ['--no-progress-meter', '-Z', '--parallel-immediate', '--parallel-max', `${count}`];
  const curl = start('curl', ['-sSf', ...flags, '-o', join(folder, '#1'), `${base}/many/[1-${count}]`]);
  const [code] = await once(curl, 'close');
  const seconds = (performance.now() - started) / 1000;
  let right = 0;
  let size = 0;
  for (let number = 1; number <= count && code === 0; number++) {
    const file = readFileSync(join(folder, `${number}`));
    size += file.length;
    if (sha256([file]) === sha256(bytesOf(sizeOfMany(number), number))) right++;
  }
  check(`${count} requests at once`, code === 0 && right === count, [
    `${right} of ${count} hashes right`,
    rate(size, seconds),
    ...peaks(processes),
  ]);
}

async function bigFile(base, processes) {
  const size = 1024 * MIB;
  const started = performance.now();
  const { hash, code } = await download(`${base}/bytes/${size}/7`);
  const seconds = (performance.now() - started) / 1000;
  const isRight = code === 0 && hash === sha256(bytesOf(size, 7));
  const isSmall = Object.values(processes).every((pid) => memory(pid, 'VmHWM') < MEMORY_LIMIT);
  check('one file of 1 GiB', isRight && isSmall, [
    `hash ${isRight ? 'right' : 'WRONG'}`,
    rate(size, seconds),
    ...peaks(processes),
  ]);
}

/** curl is stopped for half a minute, in the middle of the transfer. */
async function stoppedReader(base, processes) {
  const size = 512 * MIB;
  const transfer = download(`${base}/bytes/${size}/8`, async (curl) => {
    curl.kill('SIGSTOP');
    await sleep(3000); // until every buffer on the way is full
    const sentBefore = sent;
    const before = Object.values(processes).map((pid) => memory(pid, 'VmRSS'));
    let growth = 0;
    for (let second = 0; second < 27; second++) {
      await sleep(1000);
      const grown = Object.values(processes).map((pid, at) => memory(pid, 'VmRSS') - before[at]);
      growth = Math.max(growth, ...grown);
    }
    curl.kill('SIGCONT');
    return { growth, isStill: sent === sentBefore };
  });
  const { hash, code, meanwhile } = await transfer;
  const isRight = code === 0 && hash === sha256(bytesOf(size, 8));
  const isFlat = meanwhile !== undefined && meanwhile.growth < 8 * MIB && meanwhile.isStill;
  const isSmall = Object.values(processes).every((pid) => memory(pid, 'VmHWM') < MEMORY_LIMIT);
  check('reader stopped for 30 s', isRight && isFlat && isSmall, [
    `hash ${isRight ? 'right' : 'WRONG'}`,
    `grew by ${((meanwhile?.growth ?? 0) / MIB).toFixed(1)} MiB meanwhile`,
    ...peaks(processes),
  ]);
}

/** @param interrupt what to do when a quarter has arrived */
async function download(url, interrupt) {
  const curl = start('curl', ['-sSf', url]);
  const closed = once(curl, 'close');
  const hash = createHash('sha256');
  let received = 0;
  let meanwhile;
  for await (const chunk of curl.stdout) {
    hash.update(chunk);
    received += chunk.length;
    if (interrupt && meanwhile === undefined && received > 128 * MIB) meanwhile = interrupt(curl);
  }
  const [code] = await closed;
  return { hash: hash.digest('hex'), code, meanwhile: await meanwhile };
}

function serve(request, response) {
  const [, kind, a, b] = request.url.split('/').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const [size, seed] = kind === 'many' ? [sizeOfMany(a), a] : [a, b];
  response.writeHead(200, { 'content-length': size });
  Readable.from(count(bytesOf(size, seed)), { objectMode: false }).pipe(response);
}

function* count(chunks) {
  for (const chunk of chunks) {
    sent += chunk.length;
    yield chunk;
  }
}

function sizeOfMany(number) {
  return number * number * 20 + 1;
}

/** Bytes that a seed decides, made as they are wanted. */
function* bytesOf(size, seed) {
  const key = createHash('sha256').update(`${seed}`).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(65_536);
  for (let left = size; left > 0; left -= zeros.length) yield cipher.update(zeros.subarray(0, left));
}

function sha256(chunks) {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

async function startCommand(...args) {
  const child = start(process.execPath, [MAIN, ...args]);
  child.stderr.setEncoding('utf8');
  let messages = '';
  for await (const text of child.stderr.iterator({ destroyOnReturn: false })) {
    messages += text;
    const address = /listening on (\S+)\n/.exec(messages)?.[1];
    if (address === undefined) continue;
    child.stderr.resume();
    return { child, address };
  }
  throw new Error(`rx-smux ${args[0]} did not start: ${messages}`);
}

function start(file, args) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', file === 'curl' ? 'inherit' : 'pipe'] });
  children.add(child);
  child.on('close', () => children.delete(child));
  return child;
}

/** @param field `VmRSS`, what is used now, or `VmHWM`, the most there has been */
function memory(pid, field) {
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

function peaks(processes) {
  return Object.entries(processes).map(
    ([name, pid]) => `${name} at most ${Math.round(memory(pid, 'VmHWM') / MIB)} MiB`,
  );
}

function rate(size, seconds) {
  return `${Math.round(size / MIB)} MiB in ${seconds.toFixed(1)} s, ${Math.round(size / MIB / seconds)} MiB/s`;
}

function check(name, isRight, details) {
  results.push(isRight);
  console.log(`${isRight ? 'ok  ' : 'FAIL'} ${name.padEnd(24)} ${details.join('; ')}`);
}

function report() {
  const isRight = results.length === 3 && results.every(Boolean);
  console.log(isRight ? 'all as it should be' : 'NOT as it should be');
  if (!isRight) process.exitCode = 1;
}
