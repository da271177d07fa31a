import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { type SmuxStream } from '../../lib/index.js';
import { randomChunks, sha256 } from '../helpers/random.js';

const text = (line: string) => new TextEncoder().encode(line);

/** Counts and hashes what is read of a stream, as far as it is asked to. */
export class Receipt {
  readonly #hash = createHash('sha256');
  size = 0;

  add(bytes: Uint8Array): void {
    this.size += bytes.length;
    this.#hash.update(bytes);
  }

  /** What a sink answers with: `SIZE SHA256` and a line feed. */
  line(): string {
    return `${this.size} ${this.#hash.digest('hex')}\n`;
  }
}

/** Reads a line, byte by byte, so that what follows stays for the next reader. */
export async function readLine(stream: SmuxStream): Promise<string> {
  let line = '';
  while (!line.endsWith('\n')) {
    const before = line.length;
    await stream.demand(from([1])).forEach((byte) => {
      line += String.fromCharCode(...byte);
    });
    if (line.length === before) throw new Error(`the stream ended inside a line: ${line}`);
  }
  return line.trimEnd();
}

/** Reads `size` bytes, or all there are. */
export async function readAll(stream: SmuxStream, size?: number): Promise<Receipt> {
  const receipt = new Receipt();
  const bytes$: Observable<Uint8Array> = size === undefined ? stream : stream.demand(from([size]));
  await bytes$.forEach((bytes) => {
    receipt.add(bytes);
  });
  return receipt;
}

/** Serves the requests that the Go peer serves too (`go/serve.go`). */
export async function serve(stream: SmuxStream): Promise<void> {
  const [verb = '', first, second] = (await readLine(stream)).split(' ');
  const size = first === undefined ? undefined : Number(first);
  const seed = Number(second ?? 0);
  const answer = async (receipt: Receipt) => void (await lastValueFrom(stream.send([text(receipt.line())])));
  switch (verb) {
    case 'echo':
      await lastValueFrom(stream.send(size === undefined ? stream : stream.demand(from([size]))), { defaultValue: 0 });
      break;
    case 'source':
      await lastValueFrom(stream.send(randomChunks(size as number, seed)), { defaultValue: 0 });
      await readAll(stream);
      break;
    case 'abort':
      await lastValueFrom(stream.send(randomChunks(size as number, seed), { preventClose: true }), { defaultValue: 0 });
      break;
    case 'slow':
      await sleep(seed);
      await answer(await readAll(stream, size));
      break;
    case 'sink':
      await answer(await readAll(stream, size));
      break;
    case 'exchange': {
      const sending = lastValueFrom(stream.send(randomChunks(size as number, seed), { preventClose: true }), {
        defaultValue: 0,
      });
      const receipt = await readAll(stream, size);
      await sending;
      await answer(receipt);
      break;
    }
    case 'hold':
      await new Promise<void>((resolve) => stream.closed$.subscribe(() => resolve()));
      break;
    default:
      throw new Error(`no such request: ${verb}`);
  }
}

/** The opener's half of an exchange: sends bytes of seed + 1, expects those of seed and a receipt behind them. */
export async function exchange(stream: SmuxStream, size: number, seed: number): Promise<void> {
  stream.next(text(`exchange ${size} ${seed}\n`));
  const sending = lastValueFrom(stream.send(randomChunks(size, seed + 1), { preventClose: true }), { defaultValue: 0 });
  const received = await readAll(stream, size);
  const receipt = await readLine(stream);
  await sending;
  stream.complete();
  await readAll(stream);
  const expected = `${size} ${sha256(randomChunks(size, seed))}\n`;
  const actual = received.line();
  if (actual !== expected) throw new Error(`received ${actual}, expected ${expected}`);
  if (receipt !== `${size} ${sha256(randomChunks(size, seed + 1))}`) throw new Error(`the peer received ${receipt}`);
}

/** Sends a request line and bytes; returns the line that comes back. */
export async function ask(stream: SmuxStream, request: string, ...rest: Iterable<Uint8Array>[]): Promise<string> {
  stream.next(text(`${request}\n`));
  for (const source of rest) await lastValueFrom(stream.send(source, { preventClose: true }), { defaultValue: 0 });
  return readLine(stream);
}
