import { readdirSync, readFileSync } from 'node:fs';
import { ignoreElements, map, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { handleStreams } from '../lib/handleStreams.js';
import { type LinkOptions, run, type TestHelpers } from '../lib/testing/index.js';
import { cut, join, sizeOf, toHex } from './helpers/bytes.js';
import { observe } from './helpers/observe.js';
import { RandomBytes } from './helpers/random.js';

describe('in virtual time', () => {
  describe.each([1, 2] as const)('of version %i', (version) => {
    it.each<[string, LinkOptions]>([
      ['a link of no latency', {}],
      [
        'a slow and shaky link',
        { latency: 30, jitter: 50, bandwidth: 1_000_000, chunkSize: 'random', sendBuffer: 20_000 },
      ],
    ])('whole transfers over %s need no real clock and no microtask', (_, link) => {
      const bytes = new RandomBytes(version).take(400_000);
      const received = trapped(({ linkedSessions, flush }) => {
        const { client, server } = linkedSessions({ version, link });
        server.streams$.pipe(handleStreams((stream) => stream.send(stream))).subscribe();
        const echoes = [1, 2, 3].map(() => {
          const stream = client.open();
          stream.send(cut(bytes, 7000)).subscribe();
          return observe(stream);
        });
        timer(30_000).subscribe(() => client.close());
        const endings = [client, server].map(({ closed$ }) => observe(closed$).values);
        flush();
        expect(endings).toEqual([[{}], [{}]]);
        return echoes.map(({ values }) => toHex(join(values)));
      });
      expect(received.map((echo) => echo === toHex(bytes))).toEqual([true, true, true]);
    });

    it('neither do next, consume, demand, half-close and close', () => {
      trapped(({ linkedSessions, flush, grants }) => {
        const { client, server } = linkedSessions({ version, link: { latency: 5 } });
        const consumed: number[] = [];
        server.streams$.subscribe((stream) => {
          const slow$ = stream.consume((chunk) => timer(10).pipe(map(() => chunk.length)));
          slow$.subscribe({ next: (size) => consumed.push(size), complete: () => stream.next(new Uint8Array(9)) });
        });
        const stream = client.open();
        stream.next(new Uint8Array(300_000));
        stream.complete();
        const answer = observe(stream.demand(grants('4---(23)')));
        timer(20_000).subscribe(() => stream.close());
        flush();
        expect(consumed.reduce((sum, size) => sum + size)).toBe(300_000);
        expect(sizeOf(answer.values)).toBe(9);
      });
    });
  });

  it('neither do keepalive, silence, a lost link, deadlines and destroy', () => {
    const codes = trapped(({ linkedSessions, createSession, frames, flush }) => {
      const sessions = [
        linkedSessions({ link: { silentAfterMs: 15_000 } }).client,
        linkedSessions({ link: { breakAfterMs: 20_000 } }).server,
        createSession(frames(''), { role: 'server', firstFrameTimeout: 1000 }),
        createSession(frames(''), { role: 'client' }),
      ];
      const endings = sessions.map((session) => observe(session.closed$).values);
      timer(100).subscribe(() => sessions[3]?.destroy(new Error('enough')));
      const stats = observe(linkedSessions().client.stats$.pipe(ignoreElements()));
      flush();
      expect(stats.isComplete).toBe(false);
      return endings.map(([ending]) => ending?.cause);
    });
    expect(codes).toMatchObject([
      { code: 'SMUX_ERR_KEEPALIVE_TIMEOUT' },
      { code: 'SMUX_ERR_LINK_LOST' },
      { code: 'SMUX_ERR_FIRST_FRAME_TIMEOUT' },
      { message: 'enough' },
    ]);
  });

  it.each<[string, () => unknown]>([
    ['setTimeout', () => clearTimeout(setTimeout(() => undefined))],
    ['setInterval', () => clearInterval(setInterval(() => undefined))],
    ['setImmediate', () => clearImmediate(setImmediate(() => undefined))],
    ['queueMicrotask', () => queueMicrotask(() => undefined)],
    ['nextTick', () => process.nextTick(() => undefined)],
    ['then', () => Promise.resolve().then(() => undefined)],
    ['then', () => Promise.resolve().catch(() => undefined)],
    ['now', () => Date.now()],
    ['now', () => performance.now()],
  ])('%s would be noticed', (name, use) => {
    expect(() => trapped(() => void use())).toThrow(`real time was used: ${name}`);
  });
});

describe('the core', () => {
  const { exclude: platforms } = JSON.parse(readFileSync(new URL('../lib/tsconfig.json', import.meta.url), 'utf8'));
  const files = readdirSync(new URL('../lib/', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => !['async', ...platforms].includes(file.split(/[\\/]/)[0]));

  it.each(files)('names no Promise, microtask, timer or clock of the platform in %s', (file) => {
    const code = withoutComments(readFileSync(new URL(`../lib/${file}`, import.meta.url), 'utf8'));
    expect(code.match(PLATFORM_TIME) ?? []).toEqual([]);
  });

  it('is looked at whole', () => {
    expect(files).toEqual(expect.arrayContaining(['session.ts', 'stream.ts', 'inbound/demand.ts', 'testing/run.ts']));
    expect(withoutComments("/* Date */ a('//'); // Promise\nnew Date()").match(PLATFORM_TIME)).toEqual(['Date']);
    expect(withoutComments('/** `Promise` */ async () => setTimeout').match(PLATFORM_TIME)).toEqual([
      'async',
      'setTimeout',
    ]);
  });
});

/** Runs a test of the kit with everything trapped that real time could come from. @throws when it was used */
function trapped<T>(test: (helpers: TestHelpers) => T): T {
  const used = new Set<string>();
  const places: [object, string][] = [
    ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name): [object, string] => [
      globalThis,
      name,
    ]),
    [process, 'nextTick'],
    [Promise.prototype, 'then'],
    [Date, 'now'],
    [performance, 'now'],
  ];
  const originals = places.map(([place, name]) => {
    const original = Object.getOwnPropertyDescriptor(place, name);
    const real = Reflect.get(place, name) as (...args: unknown[]) => unknown;
    function trap(this: unknown, ...args: unknown[]): unknown {
      used.add(name);
      return real.apply(this, args);
    }
    Object.defineProperty(place, name, { value: trap, configurable: true, writable: true });
    return () => (original ? Object.defineProperty(place, name, original) : Reflect.deleteProperty(place, name));
  });
  try {
    const result = run(test);
    if (used.size > 0) throw new Error(`real time was used: ${[...used].join(', ')}`);
    return result;
  } finally {
    for (const restore of originals) restore();
  }
}

/** Strings stay: what looks like a comment in one is none. */
function withoutComments(source: string): string {
  const stringOrComment = /(['"`])(?:\\.|(?!\1)[^\\])*\1|\/\*[\s\S]*?\*\/|\/\/.*/g;
  return source.replace(stringOrComment, (text) => (text.startsWith('/') ? '' : text));
}

const PLATFORM_TIME =
  /\b(?:(?:async|await)(?= [\w(*])|(?:Promise|queueMicrotask|setTimeout|setInterval|setImmediate|nextTick|performance|Date)\b)/g;
