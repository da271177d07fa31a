import { lastValueFrom, retry, timer, toArray } from 'rxjs';
import { createSession, type Session, type SmuxOptions, type Version } from '../../../lib/index.js';
import { connectWebSocket, connectWebSocketAsync, messagePortTransport } from '../../../lib/web/index.js';
import { randomChunks } from '../../helpers/randomBytes.js';
import { ask, exchange } from './exchange.js';
import { pause } from './pause.js';

/** What the specs have the page do; arguments and results pass as JSON. */
const actions = {
  /** Exchanges `size` bytes each way over each of the streams at once; the milliseconds it took. */
  async exchange(path: string, count: number, size: number, version: Version = 2): Promise<number> {
    const session = await connectWebSocketAsync({ url: urlOf(path), version });
    const begin = performance.now();
    await Promise.all(Array.from({ length: count }, (_, at) => exchange(session, size, 2 * at + 1)));
    const took = performance.now() - begin;
    session.close();
    const { cause } = await lastValueFrom(session.closed$);
    if (cause) throw cause;
    return took;
  },

  /** Reads nothing of a stream that brings a lot for so long, then asks something on another one. */
  async neglect(path: string, ms: number, options: SmuxOptions & { readonly maxPausedBuffer?: number }) {
    const session = await connectWebSocketAsync({ url: urlOf(path), ...options });
    session.open().next(new TextEncoder().encode('source 1000000000 1\n'));
    await pause(ms);
    const { unread, received } = session.stats;
    const answer = session.isClosed ? undefined : await ask(session, 'what else');
    const { cause } = session.isClosed ? await lastValueFrom(session.closed$) : {};
    session.destroy();
    return { unread, received, answer, code: (cause as { code?: string } | undefined)?.code };
  },

  /** Sends a lot to a peer that reads nothing for so long, then asks something on another stream. */
  async overwhelm(path: string, ms: number) {
    const session = await connectWebSocketAsync(urlOf(path));
    const stream = session.open();
    stream.next(new TextEncoder().encode('hold\n'));
    let pulled = 0;
    const source = function* () {
      for (const chunk of randomChunks(1_000_000_000, 1)) {
        pulled += chunk.length;
        yield chunk;
      }
    };
    stream.send(source()).subscribe({ error: () => {} });
    await pause(ms);
    const result = { pulled, sent: stream.stats.sent, answer: await ask(session, 'what else') };
    session.destroy();
    return result;
  },

  /** Stays connected, whatever happens; `askAgain` uses the session that is there. */
  stayConnected(path: string): void {
    connectWebSocket(urlOf(path))
      .pipe(retry({ delay: () => timer(100), resetOnSuccess: true }))
      .subscribe((session) => {
        sessions.push(session);
        session.open().next(new TextEncoder().encode('hold\n')); // unfinished, so that the end of the link is a loss
      });
  },
  async askAgain(): Promise<string> {
    const session = sessions.at(-1);
    return session && !session.isClosed ? `${sessions.length}: ${await ask(session, 'hello')}` : 'not connected';
  },

  /** Has timers fire at multiples of `ms` only, as a background tab does. */
  throttleTimers(ms: number): void {
    const throttled = (delay = 0) => ms * Math.ceil((performance.now() + delay) / ms) - performance.now();
    const { setTimeout, setInterval } = globalThis;
    const shim = {
      setTimeout: (run: () => void, delay?: number) => setTimeout(run, throttled(delay)),
      setInterval: (run: () => void, delay?: number) => setInterval(run, throttled(delay)),
    };
    Object.assign(globalThis, shim);
  },
  /** Connects and is idle; `inspect` tells how it is. */
  async idle(path: string, options: SmuxOptions): Promise<void> {
    sessions.push(await connectWebSocketAsync({ url: urlOf(path), ...options }));
  },
  async inspect() {
    const session = sessions.at(-1) as Session;
    return { ...session.stats, isClosed: session.isClosed };
  },

  /** Echoes through a worker, over streams that compete; the milliseconds it took. */
  async echoInWorker(count: number, size: number, version: Version): Promise<number> {
    const session = workerSession(version);
    const begin = performance.now();
    const echo = async (seed: number) => {
      const stream = session.open();
      stream.next(Uint8Array.of(0));
      stream.send(randomChunks(size, seed)).subscribe();
      const echoed = await lastValueFrom(stream.pipe(toArray()));
      const expected = new Blob([...randomChunks(size, seed)] as Uint8Array<ArrayBuffer>[]);
      return (await digest(new Blob(echoed as Uint8Array<ArrayBuffer>[]))) === (await digest(expected));
    };
    const areEqual = await Promise.all(Array.from({ length: count }, (_, at) => echo(at + 1)));
    if (!areEqual.every(Boolean)) throw new Error('what came back differs');
    session.close();
    return performance.now() - begin;
  },
  /** Reads nothing of what a worker sends, and sends what a worker does not read, for so long. */
  async neglectWorker(ms: number, version: Version) {
    const session = workerSession(version);
    session.open().next(Uint8Array.of(1));
    await pause(ms / 2);
    const { unread } = session.stats;
    const stream = workerSession(version).open();
    stream.next(Uint8Array.of(2));
    stream.send(randomChunks(1_000_000_000, 1)).subscribe({ error: () => {} });
    await pause(ms / 2);
    const { sent } = stream.stats;
    const result = { unread, sent, areClosed: session.isClosed || stream.session.isClosed };
    session.destroy();
    stream.session.destroy();
    return result;
  },
};

export type Actions = typeof actions;
Object.assign(globalThis, { actions });

const sessions: Session[] = [];

function urlOf(path: string): string {
  return `ws://${location.host}${path}`;
}

function workerSession(version: Version): Session {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ port: port2, version }, [port2]);
  const session = createSession(messagePortTransport(port1), { role: 'client', version });
  session.closed$.subscribe(() => worker.terminate());
  return session;
}

async function digest(blob: Blob): Promise<string> {
  return String(new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())));
}
