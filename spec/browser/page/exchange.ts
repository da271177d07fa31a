import { lastValueFrom, of, toArray } from 'rxjs';
import { type Session, type SmuxStream } from '../../../lib/index.js';
import { randomChunks } from '../../helpers/randomBytes.js';

/**
 * Sends pseudo-random bytes of seed + 1, receives as many of `seed`, and compares these and the receipt of those, which
 * is what the peers of the interop specs answer to `exchange SIZE SEED`.
 */
export async function exchange(session: Session, size: number, seed: number): Promise<void> {
  const stream = session.open();
  stream.next(new TextEncoder().encode(`exchange ${size} ${seed}\n`));
  const sending = lastValueFrom(stream.send(randomChunks(size, seed + 1), { preventClose: true }));
  if (!isEqual(await read(stream, size), join(randomChunks(size, seed))))
    throw new Error(`stream ${stream.id} differs`);
  const hash = await sha256(join(randomChunks(size, seed + 1)));
  const expected = `${size} ${hash}\n`;
  const receipt = new TextDecoder().decode(await read(stream, expected.length));
  if (receipt !== expected) throw new Error(`the peer received ${receipt}, expected ${expected}`);
  await sending;
  stream.complete();
  await stream.forEach(() => {});
}

/** Sends a text to be echoed; what comes back. */
export async function ask(session: Session, text: string): Promise<string> {
  const stream = session.open();
  stream.next(new TextEncoder().encode(`echo ${text.length}\n${text}`));
  const answer = await read(stream, text.length);
  stream.close();
  return new TextDecoder().decode(answer);
}

async function read(stream: SmuxStream, size: number): Promise<Uint8Array<ArrayBuffer>> {
  return join(await lastValueFrom(stream.demand(of(size)).pipe(toArray())));
}

function join(chunks: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  const all = [...chunks];
  const joined = new Uint8Array(all.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const chunk of all) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
