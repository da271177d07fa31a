import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { Duplex, duplexPair, Readable, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { createSession, type Session, type SmuxStream } from '../../lib/index.js';
import { duplexTransport, toDuplex } from '../../lib/node/index.js';
import { linkedTransports } from '../../lib/testing/index.js';
import { bytes, textOf } from '../helpers/frames.js';
import { observe } from '../helpers/observe.js';
import { randomChunks, sha256 } from '../helpers/random.js';

const sessions: Session[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy();
});
const pair = () => {
  const [a, b] = linkedTransports();
  const client = createSession(a, { role: 'client' });
  const server = createSession(b, { role: 'server' });
  sessions.push(client, server);
  return { client, server };
};
const openPair = async () => {
  const { client, server } = pair();
  const ours = client.open();
  const theirs = await firstValueFrom(server.streams$);
  return { ours, theirs };
};

describe('duplexTransport', () => {
  it('carries sessions over any Duplex', async () => {
    const [a, b] = duplexPair();
    const client = createSession(duplexTransport(a), { role: 'client' });
    const server = createSession(duplexTransport(b), { role: 'server' });
    server.streams$.subscribe((stream) => stream.send(stream).subscribe());
    const stream = client.open();
    const chunks = [...randomChunks(1_000_000, 3)];
    stream.send(chunks).subscribe();
    expect(sha256(await lastValueFrom(stream.pipe(toArray())))).toBe(sha256(chunks));
    client.close();
    expect(await firstValueFrom(server.closed$)).toEqual({});
    expect(await firstValueFrom(client.closed$)).toEqual({});
    expect([a.destroyed, b.destroyed]).toEqual([true, true]);
  });

  it('sends each batch in one gathering write', async () => {
    const writes: number[] = [];
    const link = new Duplex({
      read() {},
      write(_chunk, _encoding, callback) {
        writes.push(1);
        callback();
      },
      writev(chunks, callback) {
        writes.push(chunks.length);
        callback();
      },
    });
    const session = createSession(duplexTransport(link), { role: 'client' });
    sessions.push(session);
    for (let at = 0; at < 3; at++) session.open().next(new Uint8Array(10_000));
    await new Promise(setImmediate);
    expect(writes).toEqual([6]); // three heads with what precedes them, three payloads
  });

  it('lets the event loop turn where the link takes whatever it is given', async () => {
    const link = new Duplex({ read() {}, write: (_chunk, _encoding, callback) => callback() });
    const session = createSession(duplexTransport(link), { role: 'client', version: 1 });
    sessions.push(session);
    const stream = session.open();
    const source = Array.from({ length: 1000 }, () => new Uint8Array(10_000));
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    const total = await lastValueFrom(stream.send(source));
    clearInterval(counting);
    expect(total).toBe(10_000_000);
    expect(turns).toBeGreaterThan(2);
  });

  it('asks for no more where nothing can be written any more, and the end is about to be told', async () => {
    const link: Duplex = new Duplex({ read() {}, write: (_chunk, _encoding, callback) => callback() });
    const session = createSession(duplexTransport(link), { role: 'client', version: 1 });
    sessions.push(session);
    let pulled = 0;
    const source = function* () {
      for (; pulled < 1000; pulled++) {
        if (pulled === 10) link.destroy();
        yield new Uint8Array(1000);
      }
    };
    await expect(lastValueFrom(session.open().send(source()))).rejects.toMatchObject({ code: 'SMUX_ERR_LINK_LOST' });
    expect(pulled).toBeLessThan(1000);
  });

  it('waits at the end for a Duplex that takes its time', async () => {
    let taken = 0;
    const slow = new Duplex({
      read() {},
      write(chunk: Uint8Array, _encoding, callback) {
        taken += chunk.length;
        setTimeout(callback, 400);
      },
    });
    const session = createSession(duplexTransport(slow), { role: 'client', version: 1 });
    sessions.push(session);
    const stream = session.open();
    stream.next(new Uint8Array(100_000)); // four frames, each a head and a payload
    stream.close();
    session.close();
    expect(await firstValueFrom(session.closed$)).toEqual({});
    expect(taken).toBe(100_000 + 6 * 8);
  });

  it('reads a Duplex that was paused before', async () => {
    const [a, b] = duplexPair();
    const client = createSession(duplexTransport(a), { role: 'client' });
    sessions.push(client);
    client.open().next(bytes('hello'));
    b.pause();
    const server = createSession(duplexTransport(b), { role: 'server' });
    sessions.push(server);
    expect(textOf([await firstValueFrom(await firstValueFrom(server.streams$))])).toBe('hello');
  });

  it('survives an error that comes after the end', async () => {
    const [a] = duplexPair();
    const session = createSession(duplexTransport(a), { role: 'client' });
    session.destroy();
    a.emit('error', new Error('late'));
    expect(observe(session.closed$).values).toEqual([{}]);
  });

  it('reports a Duplex that breaks, or is closed before its end', async () => {
    const [a, b] = duplexPair();
    const broken = createSession(duplexTransport(a), { role: 'client' });
    const closed = createSession(duplexTransport(b), { role: 'client' });
    a.destroy(new Error('cable cut'));
    b.destroy();
    expect(await firstValueFrom(broken.closed$)).toMatchObject({
      cause: { code: 'SMUX_ERR_LINK_LOST', message: expect.stringContaining('cable cut') },
    });
    expect(await firstValueFrom(closed.closed$)).toMatchObject({ cause: { code: 'SMUX_ERR_LINK_LOST' } });
    const late = createSession(duplexTransport(a), { role: 'client' });
    expect(late.isClosed).toBe(true);
  });
});

describe('toDuplex', () => {
  it('passes through pipeline, both ways', async () => {
    const { ours, theirs } = await openPair();
    const chunks = [...randomChunks(3_000_000, 5)];
    const echo = toDuplex(theirs);
    const duplex = toDuplex(ours);
    const received: Uint8Array[] = [];
    const sink = new Writable({
      write(chunk: Uint8Array, _encoding, callback) {
        received.push(chunk);
        callback();
      },
    });
    await Promise.all([pipeline(echo, echo), pipeline(Readable.from(chunks), duplex), pipeline(duplex, sink)]);
    expect(sha256(received)).toBe(sha256(chunks));
  });

  it('half-closes at end() and reads on', async () => {
    const { ours, theirs } = await openPair();
    const duplex = toDuplex(ours);
    duplex.end('question');
    expect(textOf(await lastValueFrom(theirs.pipe(toArray())))).toBe('question');
    theirs.next(bytes('answer'));
    theirs.complete();
    expect(await text(duplex)).toBe('answer');
    expect(await firstValueFrom(ours.closed$)).toEqual({});
  });

  it('stops the peer while nobody reads, and the writer while the peer does not', async () => {
    const { ours, theirs } = await openPair();
    const duplex = toDuplex(ours);
    let written = 0;
    const writing = pipeline(
      Readable.from(
        (function* () {
          for (; written < 200; written++) yield new Uint8Array(65_536);
        })(),
      ),
      duplex,
    ).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(written).toBeLessThan(20);
    let received = 0;
    const slow = new Writable({
      write(chunk: Uint8Array, _encoding, callback) {
        received += chunk.length;
        setImmediate(callback);
      },
    });
    const reader = toDuplex(theirs);
    await Promise.all([pipeline(reader, slow), writing]);
    reader.destroy();
    expect(received).toBe(200 * 65_536);
  });

  it('closes the stream when it is destroyed, aborts it where there is an error', async () => {
    const first = await openPair();
    toDuplex(first.ours).destroy();
    expect(await lastValueFrom(first.theirs, { defaultValue: 'ended' })).toBe('ended');

    const second = await openPair();
    const duplex = toDuplex(second.ours);
    duplex.on('error', () => undefined);
    duplex.destroy(new Error('no more'));
    expect(await firstValueFrom(second.ours.closed$)).toMatchObject({ cause: { message: 'no more' } });
  });

  it('of a stream that has failed already errors with the cause', async () => {
    const { ours } = await openPair();
    ours.session.destroy(new Error('my cause'));
    const duplex = toDuplex(ours).resume();
    expect(await once(duplex, 'error')).toMatchObject([{ message: 'my cause' }]);
  });

  it('errors when the link is lost', async () => {
    const { ours } = await openPair();
    const duplex = toDuplex(ours).resume();
    const failed = once(duplex, 'error');
    ours.session.destroy(new Error('gone'));
    expect(await failed).toMatchObject([{ message: 'gone' }]);
  });

  it('carries HTTP: requests on one side, a server on the other', async () => {
    const { client, server } = pair();
    const web = createServer((incoming, response) => {
      response.setHeader('x-path', incoming.url ?? '');
      incoming.pipe(response);
    });
    server.streams$.subscribe((stream: SmuxStream) => web.emit('connection', toDuplex(stream)));
    const ask = (at: number) =>
      new Promise<{ path: unknown; body: string }>((resolve, reject) => {
        const chunks = [...randomChunks(100_000 + at, at)];
        const asking = request(
          { method: 'POST', path: `/${at}`, createConnection: () => toDuplex(client.open()) },
          (response) => {
            buffer(response).then(
              (body) => resolve({ path: response.headers['x-path'], body: sha256([body]) }),
              reject,
            );
          },
        );
        asking.on('error', reject);
        Readable.from(chunks).pipe(asking);
      });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => ask(at)));
    expect(answers).toEqual(answers.map((_, at) => ({ path: `/${at}`, body: sha256(randomChunks(100_000 + at, at)) })));
    await expect.poll(() => client.streamCount).toBe(0);
    web.close();
  });
});
