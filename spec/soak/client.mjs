// The client of a soak test, as a process: mixed traffic in sessions that are lost at random, all of it compared by SHA-256.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import { connectAsync } from '../../dist/lib/node/index.js';
import { reportOn } from './report.mjs';

const [port, seed, minutes] = process.argv.slice(2).map(Number);
const until = Date.now() + minutes * 60_000;
const counts = { whole: 0, broken: 0, bytes: 0 };
const OPTIONS = { host: '127.0.0.1', keepAliveInterval: 1000, keepAliveTimeout: 3000 };
let state = seed >>> 0 || 1;
let streams = 0;

reportOn(() => ({ ...counts, streams }));
await Promise.all(Array.from({ length: 4 }, live));
process.send({ done: true, ...counts, streams });

/** One session after the other, each for a while. */
async function live() {
  while (Date.now() < until) {
    const session = await connectAsync({ ...OPTIONS, port, version: chance(2) ? 1 : 2 });
    const work = Array.from({ length: 1 + chance(12) }, () => talk(session));
    if (chance(3) === 0) {
      await sleep(chance(300));
      session.destroy(new Error('a fault'));
    }
    await Promise.all(work);
    session.close();
    await lastValueFrom(session.closed$);
  }
}

/** Stream after stream. What comes back is what was sent, from the first byte on, or the session was lost. */
async function talk(session) {
  for (let turn = 1 + chance(6); turn > 0 && !session.isClosed && Date.now() < until; turn--) {
    streams++;
    const stream = session.open({ weight: 1 + chance(4) });
    const size = [10, 1000, 60_000, 3_000_000][chance(4)];
    const out = createHash('sha256');
    const back = createHash('sha256');
    let received = 0;
    const sending = lastValueFrom(stream.send(chunks(chance(size) + 1, out)), { defaultValue: 0 }).catch(
      (error) => error,
    );
    try {
      for await (const bytes of stream) {
        back.update(bytes);
        received += bytes.length;
        if (chance(50) === 0) await sleep(chance(5));
      }
      const sent = await sending;
      if (sent !== received || out.digest('hex') !== back.digest('hex')) {
        throw new Error(`stream ${stream.id}: ${sent} bytes out, ${received} back, or others`);
      }
      counts.whole++;
      counts.bytes += received;
    } catch (error) {
      await sending;
      if (!session.isClosed) throw error;
      counts.broken++;
    }
    streams--;
  }
}

function* chunks(size, hash) {
  for (let left = size; left > 0; ) {
    const bytes = Buffer.alloc(Math.min(left, 1 + chance(40_000)), chance(256));
    left -= bytes.length;
    hash.update(bytes);
    yield bytes;
  }
}

/** A whole number below `limit` (xorshift32). */
function chance(limit) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
}
