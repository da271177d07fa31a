import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Session } from '../../lib/index.js';
import { connectAsync } from '../../lib/node/index.js';
import { buildGoPeer, GoPeer, hasGo } from '../interop/GoPeer.js';
import { buildPage } from './buildPage.js';
import { Chromium, hasChromium } from './Chromium.js';
import { PageServer } from './PageServer.js';

const MB = 1_000_000;
/** Streams at once, and the bytes of each: together 64 MB each way. */
const STREAMS = 50;
const SIZE = (64 * MB) / STREAMS;
/** A minute of the page's time, in milliseconds of ours. */
const MINUTE = 1500;

describe.skipIf(!hasChromium)('in a browser', () => {
  let built: Awaited<ReturnType<typeof buildPage>>;
  let server: PageServer;
  let browser: Chromium;
  let peer: GoPeer | undefined;
  let goSession: Session | undefined;

  beforeAll(async () => {
    built = await buildPage();
    if (!hasGo) return;
    peer = new GoPeer(await buildGoPeer('1.5.57'), ['-listen', '127.0.0.1:0', '-version', '2']);
    goSession = await connectAsync({ host: '127.0.0.1', port: await peer.port() });
  });
  afterAll(async () => {
    goSession?.destroy();
    await peer?.stop();
  });
  beforeEach(async () => {
    server = await PageServer.start(built.folder, 0, {}, goSession);
    browser = await Chromium.open(`http://127.0.0.1:${server.port}/`);
  });
  afterEach(async () => {
    await browser.close();
    server.stop();
  });

  const report = (what: string, ms: number) =>
    console.log(`${what}: ${(2 * STREAMS * SIZE) / MB} MB in ${Math.round(ms)} ms, Chromium ${browser.version}`);

  it('is built without anything of Node', () => {
    expect(built.code).not.toMatch(/\bBuffer\b|\bprocess\.|node:|__vite-browser-external/);
    expect(built.code).toContain('SMUX_ERR_RECEIVE_BUFFER');
  });

  it.each([1, 2] as const)('exchanges 64 MB each way over 50 streams, version %i', async (version) => {
    report(`with Node, version ${version}`, await browser.run('exchange', '/node', STREAMS, SIZE, version));
    expect(browser.complaints).toEqual([]);
  });

  it.skipIf(!hasGo)('exchanges 64 MB each way over 50 streams with a Go peer behind the server', async () => {
    report('with Go', await browser.run('exchange', '/go', STREAMS, SIZE));
    expect(browser.complaints).toEqual([]);
  });

  it('bounds what a reader that has stopped holds, and serves its other streams, version 2', async () => {
    const before = await browser.memory();
    const { unread, received, answer } = await browser.run('neglect', '/node', 1000, { version: 2 });
    expect(unread).toBe(262_144);
    expect(received).toBeLessThan(300_000);
    expect(answer).toBe('what else');
    expect((await browser.memory()) - before).toBeLessThan(100 * MB);
  });

  it('ends a session of version 1 whose reader has stopped, instead of holding it all', async () => {
    const before = await browser.memory();
    const options = { version: 1, maxPausedBuffer: 8 * MB } as const;
    const { received, code } = await browser.run('neglect', '/node', 3000, options);
    expect(code).toBe('SMUX_ERR_RECEIVE_BUFFER');
    expect(received).toBeGreaterThan(8 * MB);
    expect(received).toBeLessThan(14 * MB);
    expect((await browser.memory()) - before).toBeLessThan(100 * MB);
  });

  it('pulls no more from a source than a peer that has stopped reading takes', async () => {
    const { pulled, sent, answer } = await browser.run('overwhelm', '/node', 1000);
    expect(sent).toBeLessThanOrEqual(262_144 + 'hold\n'.length);
    expect(pulled).toBeLessThan(1.5 * MB);
    expect(answer).toBe('what else');
  });

  it('reconnects when the server has been restarted', async () => {
    await browser.run('stayConnected', '/node');
    await expect.poll(() => browser.run('askAgain'), { timeout: 10_000 }).toBe('1: hello');
    const { port } = server;
    server.stop();
    await expect.poll(() => browser.run('askAgain'), { timeout: 10_000 }).toBe('not connected');
    server = await PageServer.start(built.folder, port, {});
    await expect.poll(() => browser.run('askAgain'), { timeout: 10_000 }).toBe('2: hello');
  });

  it('lives through an hour in the background', async () => {
    const options = { keepAliveInterval: MINUTE / 6, keepAliveTimeout: MINUTE / 2 };
    const { port } = server;
    server.stop();
    server = await PageServer.start(built.folder, port, options);
    await browser.run('throttleTimers', MINUTE);
    await browser.run('idle', '/node', options);
    await new Promise((resolve) => setTimeout(resolve, 60 * MINUTE));
    const { isClosed, sent } = await browser.run('inspect');
    expect(isClosed).toBe(false);
    expect(server.sessions.map((session) => session.isClosed)).toEqual([false]);
    // A NOP has 8 bytes: one an interval at most, one in two at least.
    expect(sent / 8).toBeLessThanOrEqual(361);
    expect(sent / 8).toBeGreaterThanOrEqual(150);
    console.log(`an hour in the background: ${sent / 8} keepalive frames sent`);
  });

  it.each([1, 2] as const)('echoes through a worker over a MessagePort, version %i', async (version) => {
    const ms = await browser.run('echoInWorker', STREAMS, SIZE / 4, version);
    console.log(`through a worker, version ${version}: 16 MB there and back in ${Math.round(ms)} ms`);
    expect(browser.complaints).toEqual([]);
  });

  it.each([1, 2] as const)('bounds what waits at both ends of a MessagePort, version %i', async (version) => {
    const { unread, sent, areClosed } = await browser.run('neglectWorker', 1000, version);
    const bound = version === 1 ? 6 * MB : 262_144 + 1; // the byte that tells what to do is read
    expect(unread).toBeLessThanOrEqual(bound);
    expect(sent).toBeLessThanOrEqual(bound);
    expect(areClosed).toBe(false);
  });
});
