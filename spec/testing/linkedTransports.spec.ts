import fc from 'fast-check';
import { asapScheduler, asyncScheduler, ignoreElements, map, type Observable, timer } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { createSession } from '../../lib/session.js';
import { type LinkOptions, linkedTransports } from '../../lib/testing/linkedTransports.js';
import { counting, join, sizeOf, toHex } from '../helpers/bytes.js';
import { marbles } from '../helpers/marbles.js';
import { observe } from '../helpers/observe.js';

/** Sizes of what arrives: `5` for a chunk of five bytes. */
const sizes = (incoming$: Observable<Uint8Array>) => incoming$.pipe(map((chunk) => chunk.length));
const size = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9 };
const broken = new Error('the link broke');

describe('linkedTransports', () => {
  describe('latency', () => {
    it(
      'is the time to the other end, of the end of the input too',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ latency: 3 });
        a.write([counting(4)]);
        timer(2).subscribe(() => a.write([counting(5)]));
        timer(4).subscribe(() => a.close());
        expectObservable(sizes(b.incoming$)).toBe('---4-5-|', size);
      }),
    );

    it(
      'may differ per direction',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ latency: 1, bToA: { latency: 4 } });
        a.write([counting(1)]);
        b.write([counting(2)]);
        expectObservable(sizes(b.incoming$)).toBe('-1', size);
        expectObservable(sizes(a.incoming$)).toBe('----2', size);
      }),
    );

    it(
      'of zero is a turn: nothing arrives from inside write',
      marbles(({ flush }) => {
        const [a, b] = linkedTransports();
        const { values } = observe(b.incoming$);
        flush();
        a.write([counting(4)]);
        expect(values).toEqual([]);
        flush();
        expect(values).toEqual([counting(4)]);
        expect(asyncScheduler.now()).toBe(0);
      }),
    );
  });

  describe('two ends that never stop answering each other', () => {
    const answering = (options: LinkOptions) => {
      const [a, b] = linkedTransports(options);
      let count = 0;
      a.incoming$.subscribe((chunk) => a.write([chunk]));
      b.incoming$.subscribe((chunk) => {
        count++;
        b.write([chunk]);
      });
      a.write([counting(1)]);
      const stop = () => {
        a.destroy();
        b.destroy();
        return count;
      };
      return stop;
    };

    it('do not starve timers', async () => {
      const stop = answering({});
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(stop()).toBeGreaterThan(400);
    });

    it('take the same turns each time in virtual time, where others come to pass as well', () => {
      const run = () => {
        let count = 0;
        marbles(() => {
          const stop = answering({});
          timer(3).subscribe(() => {
            count = stop();
          });
        })();
        return count;
      };
      const count = run();
      expect(count).toBeGreaterThanOrEqual(3 * 500); // a thousand turns a millisecond, half of them this way
      expect(count).toBeLessThanOrEqual(4 * 500);
      expect(run()).toBe(count);
    });
  });

  describe('bandwidth', () => {
    it(
      'lets bytes leave one behind the other, in segments',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ bandwidth: 1_460_000 / 2, latency: 1 });
        a.write([counting(1460), counting(1460)]);
        a.write([counting(2000)]);
        a.close();
        expectObservable(sizes(b.incoming$)).toBe('---s-s-s(l|)', { s: 1460, l: 540 });
      }),
    );

    it(
      'is kept to over time, whatever the sizes are',
      marbles(() => {
        const [a, b] = linkedTransports({ bandwidth: 100_000 });
        for (let at = 0; at < 1000; at++) a.write([counting(100 + (at % 3))]);
        const total = sizeOf(Array.from({ length: 1000 }, (_, at) => counting(100 + (at % 3))));
        let left = total;
        b.incoming$.subscribe((chunk) => {
          left -= chunk.length;
          if (left === 0) expect(asyncScheduler.now()).toBe(Math.ceil(total / 100));
        });
      }),
    );

    it(
      'is not a millisecond late for want of precision',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ bandwidth: 10_000 });
        for (let at = 0; at < 20; at++) a.write([counting(1)]); // the sum of twenty tenths is a little more than two
        a.close();
        expectObservable(b.incoming$.pipe(ignoreElements())).toBe('--|');
      }),
    );

    it(
      'does not add up while nothing is sent',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ bandwidth: 1000 });
        timer(5).subscribe(() => a.write([counting(2)]));
        expectObservable(sizes(b.incoming$)).toBe('-------2', size);
      }),
    );

    it(
      'is waited for by flushed$, and destroying loses only what has not left',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ bandwidth: 1000, latency: 2 });
        a.write([counting(2)]);
        a.write([counting(3)]);
        a.close();
        timer(3).subscribe(() => a.destroy());
        expectObservable(a.flushed$ as Observable<never>).toBe('---|');
        expectObservable(sizes(b.incoming$)).toBe('----2|', size);
      }),
    );

    it(
      'completes flushed$ when the last byte has left',
      marbles(({ expectObservable }) => {
        const [a] = linkedTransports({ bandwidth: 1000, latency: 9 });
        a.write([counting(4)]);
        a.close();
        expectObservable(a.flushed$ as Observable<never>).toBe('----|');
      }),
    );
  });

  describe('jitter', () => {
    const arrivals = (options: LinkOptions) => {
      const notes: string[] = [];
      marbles(() => {
        const [a, b] = linkedTransports({ latency: 5, jitter: 20, ...options });
        b.incoming$.subscribe((chunk) => notes.push(`${asyncScheduler.now()}: ${chunk[0]}`));
        for (let at = 0; at < 50; at++) timer(at).subscribe(() => a.write([counting(1, at)]));
      })();
      return notes;
    };

    it('delays by chance, within its bounds, and never reorders', () => {
      const notes = arrivals({});
      expect(notes.map((note) => Number(note.split(': ')[1]))).toEqual([...counting(50)]);
      const delays = notes.map((note, at) => Number(note.split(': ')[0]) - at);
      for (const delay of delays) expect(delay >= 5 && delay <= 25).toBe(true);
      expect(new Set(delays).size).toBeGreaterThan(5);
    });

    it('is the same with the same seed, and another with another', () => {
      expect(arrivals({ seed: 7 })).toEqual(arrivals({ seed: 7 }));
      expect(arrivals({ seed: 7 })).not.toEqual(arrivals({ seed: 8 }));
    });
  });

  describe('chunkSize', () => {
    const chunksOf = (options: LinkOptions, batch: readonly Uint8Array[]) => {
      const chunks: Uint8Array[] = [];
      marbles(() => {
        const [a, b] = linkedTransports(options);
        b.incoming$.subscribe((chunk) => chunks.push(chunk));
        a.write(batch);
      })();
      expect(toHex(join(chunks))).toBe(toHex(join(batch)));
      return chunks.map((chunk) => chunk.length);
    };

    it('is as it was written where nothing is said', () => {
      expect(chunksOf({}, [counting(8), counting(5)])).toEqual([8, 5]);
    });

    it('cuts where it says, not where it was written', () => {
      expect(chunksOf({ chunkSize: 6 }, [counting(8), counting(5)])).toEqual([6, 6, 1]);
    });

    it('of one delivers every byte by itself', () => {
      expect(chunksOf({ chunkSize: 1 }, [counting(3), counting(2)])).toEqual([1, 1, 1, 1, 1]);
    });

    it('cuts at random, the same way with the same seed', () => {
      const batch = [counting(300_000)];
      const chunks = chunksOf({ chunkSize: 'random', seed: 3 }, batch);
      expect(chunks).toEqual(chunksOf({ chunkSize: 'random', seed: 3 }, batch));
      expect(chunks).not.toEqual(chunksOf({ chunkSize: 'random', seed: 4 }, batch));
      expect(Math.min(...chunks)).toBeLessThan(16);
      expect(Math.max(...chunks)).toBeGreaterThan(4096);
    });
  });

  it('copies what is written', () => {
    marbles(({ flush }) => {
      const [a, b] = linkedTransports();
      const { values } = observe(b.incoming$);
      const bytes = counting(3);
      a.write([bytes]);
      bytes.fill(9);
      flush();
      expect(values).toEqual([counting(3)]);
    })();
  });

  describe('sendBuffer', () => {
    it(
      'says false when it is full, and drained$ when there is room',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ latency: 3, sendBuffer: 8 });
        expect(a.write([counting(4)])).toBe(true);
        expect(a.write([counting(4)])).toBe(false);
        timer(4).subscribe(() => expect(a.write([counting(7)])).toBe(true));
        expectObservable(a.drained$.pipe(map(() => 'd'))).toBe('---d');
        expectObservable(sizes(b.incoming$)).toBe('---(44)7', size);
      }),
    );

    it(
      'holds what a paused reader does not take',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ sendBuffer: 4 });
        b.pause();
        expect(a.write([counting(4)])).toBe(false);
        timer(5).subscribe(() => b.resume());
        expectObservable(a.drained$.pipe(map(() => 'd'))).toBe('-----d');
        expectObservable(sizes(b.incoming$)).toBe('-----4', size);
      }),
    );
  });

  it('keeps the order in real time too', async () => {
    const [a, b] = linkedTransports({ latency: 1, jitter: 9 });
    const { values } = observe(b.incoming$);
    for (let at = 0; at < 20; at++) {
      a.write([counting(1, at)]);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await expect.poll(() => values.length).toBe(20);
    expect(join(values)).toEqual(counting(20));
  });

  it('is a sink once the other end is gone', () => {
    const [a, b] = linkedTransports({ sendBuffer: 1 });
    b.destroy();
    expect(a.write([counting(3)])).toBe(true);
    expect(a.writeCount).toBe(0);
  });

  it('gives what is sent from inside an arrival a turn of its own', () => {
    const notes: (number | string)[] = [];
    marbles(() => {
      const [a, b] = linkedTransports();
      b.incoming$.subscribe((chunk) => {
        notes.push(chunk.length);
        if (chunk.length === 1) a.write([counting(2)]);
        asapScheduler.schedule(() => notes.push('a turn'));
      });
      a.write([counting(1)]);
    })();
    expect(notes).toEqual([1, 'a turn', 2, 'a turn']);
  });

  describe('destroy', () => {
    it.each(['arrives', 'has arrived'])('ends what %s, at once', (what) => {
      marbles(({ flush }) => {
        const [a, b] = linkedTransports({ chunkSize: 1 });
        let count = 0;
        b.incoming$.subscribe(() => {
          count++;
          b.destroy();
        });
        if (what === 'has arrived') b.pause();
        a.write([counting(5)]);
        flush();
        b.resume();
        flush();
        expect(count).toBe(1);
      })();
    });

    it(
      'is the last word, also of a link that has just been broken',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports();
        a.break(broken);
        a.destroy();
        expectObservable(a.incoming$).toBe('');
        expectObservable(b.incoming$).toBe('#', undefined, broken);
      }),
    );

    it(
      'of the other end ends the input after the latency, and closing is of no account then',
      marbles(({ expectObservable, flush }) => {
        const [a, b] = linkedTransports({ latency: 3 });
        expectObservable(a.incoming$).toBe('---|');
        b.destroy();
        timer(4).subscribe(() => a.close());
        flush();
        expect(asyncScheduler.now()).toBe(4); // nothing travels to who is gone
      }),
    );

    it('of both ends leaves no timer behind, whatever was going on', async () => {
      vi.useFakeTimers();
      try {
        const [a, b] = linkedTransports({ latency: 5, bandwidth: 1000, breakAfterMs: 1000, bToA: { latency: 0 } });
        b.incoming$.subscribe();
        a.write([counting(100)]);
        a.close();
        const before = vi.getTimerCount();
        for (let turn = 0; turn < 1001; turn++) {
          b.resume();
          await Promise.resolve();
        }
        expect(vi.getTimerCount()).toBe(before + 2); // turns that wait for a millisecond, and what looks for a pause of them
        a.destroy();
        b.destroy();
        expect(vi.getTimerCount()).toBe(0);
      } finally {
        vi.useRealTimers();
      }
    });
  });

  describe('a cut', () => {
    it(
      'at a byte breaks both directions behind it',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ latency: 2, aToB: { breakAfterBytes: 5 } });
        a.write([counting(3)]);
        timer(1).subscribe(() => a.write([counting(4)]));
        expectObservable(sizes(b.incoming$)).toBe('--3(2#)', size, broken);
        expectObservable(sizes(a.incoming$)).toBe('---#', size, broken);
      }),
    );

    it(
      'at a moment breaks both directions, and what is under way is lost',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ latency: 2, breakAfterMs: 4 });
        a.write([counting(3)]);
        timer(3).subscribe(() => a.write([counting(4)]));
        expectObservable(sizes(b.incoming$)).toBe('--3-#', size, broken);
        expectObservable(sizes(a.incoming$)).toBe('----#', size, broken);
      }),
    );

    it(
      'is told to who subscribes later, and to a paused reader',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports();
        b.pause();
        a.break(broken);
        expectObservable(b.incoming$, '-^').toBe('-#', undefined, broken);
        expectObservable(a.incoming$, '-^').toBe('-#', undefined, broken);
      }),
    );

    it(
      'happens once, and flushed$ need not be waited for',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ bandwidth: 1000 });
        a.write([counting(9)]);
        a.close();
        timer(3).subscribe(() => {
          a.break(broken);
          b.break(new Error('once more'));
        });
        expectObservable(a.flushed$ as Observable<never>).toBe('---|');
        expectObservable(a.incoming$).toBe('---#', undefined, broken);
        expectObservable(b.incoming$).toBe('---#', undefined, broken);
      }),
    );

    it(
      'leaves writes without effect',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ sendBuffer: 1 });
        a.break(broken);
        expect(a.write([counting(3)])).toBe(true);
        a.close();
        expectObservable(b.incoming$).toBe('#', undefined, broken);
      }),
    );

    it(
      'ends both sessions with the cause',
      marbles(({ flush }) => {
        const [a, b] = linkedTransports({ breakAfterMs: 100 });
        const sessions = [createSession(a, { role: 'client' }), createSession(b, { role: 'server' })];
        const endings = sessions.map((session) => observe(session.closed$).values);
        flush();
        for (const ending of endings) {
          expect(ending).toMatchObject([{ cause: { code: 'SMUX_ERR_LINK_LOST', cause: broken } }]);
        }
      }),
    );
  });

  describe('silence', () => {
    it(
      'from a byte on lets nothing arrive, not even the end',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ aToB: { silentAfterBytes: 5, sendBuffer: 10 } });
        a.write([counting(3)]);
        expect(a.write([counting(20)])).toBe(false);
        b.write([counting(8)]);
        a.close();
        expectObservable(sizes(b.incoming$)).toBe('(32)', size);
        expectObservable(sizes(a.incoming$)).toBe('8', size);
        expectObservable(a.drained$).toBe('');
      }),
    );

    it(
      'from a moment on lets nothing arrive',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ latency: 2, silentAfterMs: 4 });
        a.write([counting(3)]);
        timer(1).subscribe(() => a.write([counting(4)]));
        timer(2).subscribe(() => a.write([counting(5)]));
        timer(9).subscribe(() => b.destroy());
        expectObservable(sizes(b.incoming$), '^-------!').toBe('--34', size);
        expectObservable(a.incoming$).toBe('');
      }),
    );

    it(
      'may be told at any time',
      marbles(({ expectObservable }) => {
        const [a, b] = linkedTransports({ latency: 2 });
        a.write([counting(3)]);
        timer(1).subscribe(() => b.silence());
        expectObservable(b.incoming$).toBe('');
      }),
    );

    it(
      'is what the keepalive notices',
      marbles(({ flush }) => {
        const [a, b] = linkedTransports({ latency: 10, silentAfterMs: 60_000 });
        const client = createSession(a, { role: 'client' });
        const server = createSession(b, { role: 'server' });
        const endings = [client, server].map((session) => observe(session.closed$).values);
        flush();
        for (const ending of endings) expect(ending).toMatchObject([{ cause: { code: 'SMUX_ERR_KEEPALIVE_TIMEOUT' } }]);
        expect(asyncScheduler.now()).toBeLessThan(100_000);
      }),
    );
  });

  it('carries a whole transfer unharmed, whatever the link is like', () => {
    const direction = {
      latency: fc.integer({ min: 0, max: 50 }),
      jitter: fc.integer({ min: 0, max: 50 }),
      bandwidth: fc.constantFrom(100_000, 3_333_333, Number.POSITIVE_INFINITY),
      chunkSize: fc.constantFrom<(number | 'random')[]>(1, 7, 4096, 'random', Number.POSITIVE_INFINITY),
      sendBuffer: fc.constantFrom(1, 1000, 65_536, Number.POSITIVE_INFINITY),
    };
    const options = fc.record({ ...direction, bToA: fc.record(direction), seed: fc.integer() });
    const bytes = counting(5000);
    fc.assert(
      fc.property(options, (link) => {
        const received: Uint8Array[] = [];
        marbles(() => {
          const [a, b] = linkedTransports(link);
          const client = createSession(a, { role: 'client' });
          const server = createSession(b, { role: 'server' });
          server.streams$.subscribe((stream) => stream.send(stream).subscribe());
          const stream = client.open();
          stream.subscribe({ next: (chunk) => received.push(chunk), complete: () => client.close() });
          stream.next(bytes);
          stream.complete();
        })();
        expect(toHex(join(received))).toBe(toHex(bytes));
      }),
      { numRuns: 60 },
    );
  });

  it.each<[LinkOptions, string]>([
    [{ latency: -1 }, 'latency must be a number of milliseconds from 0 to 2147483647, got -1'],
    [{ aToB: { latency: Number.NaN } }, 'aToB.latency must be'],
    [{ jitter: Number.POSITIVE_INFINITY }, 'jitter must be'],
    [{ bandwidth: 0 }, 'bandwidth must be a number of bytes a second above 0, or Infinity, got 0'],
    [{ chunkSize: 0 }, "chunkSize must be 'random', an integer of at least 1, or Infinity, got 0"],
    [{ bToA: { chunkSize: 1.5 } }, 'bToA.chunkSize must be'],
    [{ chunkSize: 'all' as 'random' }, 'chunkSize must be'],
    [{ sendBuffer: 0 }, 'sendBuffer must be'],
    [{ silentAfterBytes: -1 }, 'silentAfterBytes must be'],
    [{ silentAfterMs: -1 }, 'silentAfterMs must be'],
    [{ breakAfterBytes: 0.5 }, 'breakAfterBytes must be'],
    [{ breakAfterMs: Number.NaN }, 'breakAfterMs must be'],
    [{ seed: 0.5 }, 'seed must be an integer, got 0.5'],
    [{ latency: '5' as unknown as number }, 'latency must be'],
  ])('refuses %o', (options, message) => {
    expect(() => linkedTransports(options)).toThrow(expect.objectContaining({ name: 'RangeError' }));
    expect(() => linkedTransports(options)).toThrow(message);
  });
});
