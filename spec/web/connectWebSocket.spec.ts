import { firstValueFrom, lastValueFrom, mergeMap, repeat, retry, timer, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SessionError } from '../../lib/index.js';
import { framesOf } from '../../lib/testing/index.js';
import { connectWebSocket, connectWebSocketAsync, type WebSocketConfig } from '../../lib/web/index.js';
import { Command } from '../../lib/wire/frame.js';
import { bytes, textOf } from '../helpers/frames.js';
import { marbles } from '../helpers/marbles.js';
import { observe } from '../helpers/observe.js';
import { ScriptedWebSocket } from './ScriptedWebSocket.js';

const url = 'ws://scripted/smux';
/** The WebSockets that were made, and a configuration that makes them. */
const scripted = (options: Partial<WebSocketConfig> = {}) => {
  const made: ScriptedWebSocket[] = [];
  const WebSocketCtor = class extends ScriptedWebSocket {
    constructor(...args: ConstructorParameters<typeof ScriptedWebSocket>) {
      super(...args);
      made.push(this);
    }
  };
  return { made, config: { url, WebSocketCtor, keepAliveDisabled: true, ...options } };
};
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe('connectWebSocket, in virtual time', () => {
  it(
    'connects on subscription and emits the session when the WebSocket is open',
    marbles(({ cold, expectObservable }) => {
      const { made, config } = scripted();
      const sessions$ = connectWebSocket(config).pipe(mergeMap(({ version, isClosed }) => [[version, isClosed]]));
      expect(made).toHaveLength(0);
      cold('                      ---o').subscribe(() => made[0]?.open());
      expectObservable(sessions$, '^---').toBe('---s', { s: [2, false] });
    }),
  );

  it(
    'errors after connectTimeout and lets go of the WebSocket',
    marbles(({ expectObservable, flush }) => {
      const { made, config } = scripted({ connectTimeout: 50 });
      expectObservable(connectWebSocket(config)).toBe(
        '50ms #',
        undefined,
        new SessionError('SMUX_ERR_CONNECT_TIMEOUT', `no connection to ${url} within 50 ms`),
      );
      flush();
      expect(made[0]?.closings).toEqual([undefined]);
    }),
  );

  it(
    'has a connectTimeout of 10 s, and with 0 none',
    marbles(({ expectObservable }) => {
      const error = expect.objectContaining({ code: 'SMUX_ERR_CONNECT_TIMEOUT' });
      expectObservable(connectWebSocket(scripted().config)).toBe('10s #', undefined, error);
      expectObservable(connectWebSocket(scripted({ connectTimeout: 0 }).config), '^ 59m !').toBe('---');
    }),
  );

  it(
    'dials again, as retry says, when no connection is made',
    marbles(({ cold, expectObservable, flush }) => {
      const { made, config } = scripted();
      const last = () => made.at(-1);
      cold('-f----f----o').subscribe((letter) => (letter === 'f' ? last()?.fail('refused') : last()?.open()));
      const retried$ = connectWebSocket(config).pipe(
        retry({ delay: () => timer(2) }),
        mergeMap(() => ['session']),
      );
      expectObservable(retried$, '^-----------!').toBe('-----------s', { s: 'session' });
      flush();
      expect(made).toHaveLength(3);
    }),
  );
});

describe('connectWebSocket', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('offers the protocols, and tells its observers of the opening and the end', async () => {
    const events: string[] = [];
    const { made, config } = scripted({
      protocol: ['smux', 'other'],
      openObserver: { next: ({ type }) => events.push(type) },
      closeObserver: { next: ({ type, code }) => events.push(`${type} ${code}`) },
    });
    const connecting = observe(connectWebSocket(config));
    expect(made[0]).toMatchObject({ url, protocols: ['smux', 'other'] });
    made[0]?.open();
    expect(connecting.values).toHaveLength(1);
    expect(events).toEqual(['open']);
    made[0]?.end(1000);
    expect(events).toEqual(['open', 'close 1000']);
    await pass();
    expect(connecting).toMatchObject({ isComplete: true, error: undefined });
  });

  it('takes a URL alone, and a protocol alone', () => {
    const { made, config } = scripted({ url: new URL('ws://scripted/other'), protocol: 'smux' });
    vi.stubGlobal('WebSocket', config.WebSocketCtor);
    for (const where of [url, new URL(url), config]) observe(connectWebSocket(where)).subscription.unsubscribe();
    vi.unstubAllGlobals();
    expect(made.map(({ url, protocols }) => [url, protocols])).toEqual([
      [url, undefined],
      [url, undefined],
      ['ws://scripted/other', ['smux']],
    ]);
  });

  it('speaks smux over it, with the options given', async () => {
    const { made, config } = scripted({ version: 1 });
    const connecting = observe(connectWebSocket(config));
    made[0]?.open();
    const [session] = connecting.values;
    session?.open().next(bytes('hello'));
    await pass();
    const sent = Buffer.concat(made[0]?.sent ?? []);
    expect([sent[0], sent[1], sent[8], sent[9], sent.subarray(16).toString()]).toEqual([
      1,
      Command.SYN,
      1,
      Command.PSH,
      'hello',
    ]);
    connecting.subscription.unsubscribe();
  });

  it('has missed nothing that came right behind the opening', async () => {
    const { made, config } = scripted();
    const connecting = observe(connectWebSocket(config).pipe(mergeMap(({ streams$ }) => streams$)));
    made[0]?.open();
    const { syn, psh, fin } = framesOf(2);
    const { encodeFrames } = await import('../../lib/wire/encodeFrames.js');
    made[0]?.receiveBytes(Buffer.concat(encodeFrames([syn(2), psh(2, 'welcome'), fin(2)])));
    await pass();
    const [stream] = connecting.values;
    expect(stream && textOf(await firstValueFrom(stream.pipe(toArray())))).toBe('welcome');
    connecting.subscription.unsubscribe();
  });

  it.each([
    ['refused', (socket: ScriptedWebSocket) => socket.fail('ECONNREFUSED'), 'ECONNREFUSED'],
    ['failed without a word, as in a browser', (socket: ScriptedWebSocket) => socket.fail(), 'closed with code 1006'],
    ['closed with a reason', (socket: ScriptedWebSocket) => socket.end(4401, 'no cookie'), 'no cookie'],
  ])('errors when it is %s before it is open', (_, happen, reason) => {
    const { made, config } = scripted();
    const connecting = observe(connectWebSocket(config));
    happen(made[0] as ScriptedWebSocket);
    expect(connecting).toMatchObject({
      values: [],
      error: { name: 'SessionError', code: 'SMUX_ERR_CONNECT', message: `cannot connect to ${url}: ${reason}` },
    });
  });

  it('errors when the WebSocket cannot be made', () => {
    const refusing = class extends ScriptedWebSocket {
      constructor() {
        super();
        throw new SyntaxError('what a URL');
      }
    };
    expect(observe(connectWebSocket({ url, WebSocketCtor: refusing })).error).toMatchObject({
      code: 'SMUX_ERR_CONNECT',
      message: expect.stringContaining('what a URL'),
      cause: expect.any(SyntaxError),
    });
    vi.stubGlobal('WebSocket', undefined);
    expect(observe(connectWebSocket(url)).error).toMatchObject({ message: expect.stringContaining('WebSocketCtor') });
    vi.unstubAllGlobals();
  });

  it('gives up connecting by a signal, which does not touch a session that is there', async () => {
    const controller = new AbortController();
    const { made, config } = scripted({ signal: controller.signal });
    const [first, second] = [observe(connectWebSocket(config)), observe(connectWebSocket(config))];
    made[0]?.open();
    const reason = new Error('changed my mind');
    controller.abort(reason);
    expect(first).toMatchObject({ error: undefined, isComplete: false });
    expect(second.error).toBe(reason);
    expect(made.map(({ closings }) => closings)).toEqual([[], [undefined]]);
    expect(observe(connectWebSocket(config)).error).toBe(reason);
    expect(made).toHaveLength(2);
    first.subscription.unsubscribe();
  });

  it('gives up connecting when it is unsubscribed, and destroys its session', () => {
    const { made, config } = scripted();
    const [first, second] = [observe(connectWebSocket(config)), observe(connectWebSocket(config))];
    made[0]?.open();
    for (const { subscription } of [first, second]) subscription.unsubscribe();
    expect(made.map(({ closings }) => closings)).toEqual([[undefined], [undefined]]);
    expect(first.values[0]?.isClosed).toBe(true);
    made[1]?.open();
    expect(second.values).toEqual([]);
  });

  it('lets go of the WebSocket when its openObserver has it unsubscribed', () => {
    const { made, config } = scripted({ openObserver: { next: () => connecting.subscription.unsubscribe() } });
    const connecting = observe(connectWebSocket(config));
    made[0]?.open();
    expect(connecting.values).toEqual([]);
    expect(made[0]?.closings).toEqual([undefined]);
  });

  it('errors when the link is lost, completes when it ends in order: retry and repeat reconnect', async () => {
    const { made, config } = scripted();
    const connecting = observe(connectWebSocket(config).pipe(repeat(), retry({ delay: () => timer(10) })));
    made[0]?.open();
    made[0]?.end(1001);
    await pass();
    expect(made).toHaveLength(2);
    made[1]?.open();
    made[1]?.fail();
    await pass(9);
    expect(made).toHaveLength(2);
    await pass(1);
    expect(made).toHaveLength(3);
    made[2]?.open();
    expect(connecting.values.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    connecting.subscription.unsubscribe();
  });

  it('is a Promise for async code, which owns the session', async () => {
    const { made, config } = scripted();
    const connecting = connectWebSocketAsync(config);
    made[0]?.open();
    const session = await connecting;
    expect(session.isClosed).toBe(false);
    session.destroy();
    const refused = connectWebSocketAsync(config);
    made[1]?.fail('refused');
    await expect(refused).rejects.toMatchObject({ code: 'SMUX_ERR_CONNECT' });
  });

  it.each([
    [{ maxFrameSize: 0 }, 'maxFrameSize'],
    [{ maxPausedBuffer: -1 }, 'maxPausedBuffer'],
    [{ maxBufferedAmount: Number.NaN }, 'maxBufferedAmount'],
    [{ version: 'auto' as const }, 'version'],
  ])('reports the bad option in %o at once', async (options, field) => {
    const { made, config } = scripted(options);
    expect(() => connectWebSocket(config)).toThrow(RangeError);
    expect(() => connectWebSocket(config)).toThrow(field);
    await expect(connectWebSocketAsync(config)).rejects.toThrow(field);
    await expect(lastValueFrom(connectWebSocket({ url, WebSocketCtor: undefined as never }))).rejects.toThrow();
    expect(made).toEqual([]);
  });
});
