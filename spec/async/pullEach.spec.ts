import { type UnderlyingSource } from 'node:stream/web';
import { EMPTY, Observable, type ObservableInput, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { pullEach } from '../../lib/async/pullEach.js';
import { counting } from '../helpers/bytes.js';
import { observe } from '../helpers/observe.js';
import { settle, tidyUp } from './linkedStreams.js';

const [a, b, c] = [counting(1), counting(2), counting(3)] as const;

describe('pullEach', () => {
  tidyUp();

  describe.each(sourcesOf([a, b, c]))('of %s', (_, makeSource) => {
    it('takes chunk after chunk and completes', async () => {
      const taken: Uint8Array[] = [];
      const result = observe(
        pullEach(makeSource(), (chunk) => {
          taken.push(chunk);
          return EMPTY;
        }),
      );
      await settle();
      expect(taken).toStrictEqual([a, b, c]);
      expect(result).toMatchObject({ values: [], isComplete: true, error: undefined });
    });

    it('errors with what `accept` notifies or throws, and takes no more', async () => {
      const broken = new Error('broken');
      const refuse = () => throwError(() => broken);
      const fail = () => {
        throw broken;
      };
      for (const accept of [refuse, fail]) {
        const spied = vi.fn(accept);
        const result = observe(pullEach(makeSource(), spied));
        await settle();
        expect(result.error).toBe(broken);
        expect(spied).toHaveBeenCalledTimes(1);
      }
    });
  });

  describe.each(sourcesOf([a, b, c]).filter(([name]) => name.startsWith('pulled')))('of %s', (_, makeSource) => {
    it('waits for each chunk to be accepted', async () => {
      const { taken, accepted, result } = acceptingByHand(makeSource());
      await settle();
      expect(taken).toStrictEqual([a]);
      accepted.next();
      await settle();
      expect(taken).toStrictEqual([a, b]);
      accepted.next();
      await settle();
      expect(taken).toStrictEqual([a, b, c]);
      expect(result.isComplete).toBe(false);
      accepted.next();
      await settle();
      expect(result.isComplete).toBe(true);
    });
  });

  it('takes a million synchronous chunks without a growing stack', () => {
    function* million() {
      for (let count = 0; count < 1_000_000; count++) yield a;
    }
    let taken = 0;
    const result = observe(
      pullEach(million(), () => {
        taken++;
        return EMPTY;
      }),
    );
    expect(taken).toBe(1_000_000);
    expect(result.isComplete).toBe(true);
  });

  it('completes with an empty source', async () => {
    for (const [, makeSource] of sourcesOf([])) {
      const result = observe(pullEach(makeSource(), () => EMPTY));
      await settle();
      expect(result).toMatchObject({ isComplete: true, error: undefined });
    }
  });

  it('takes the chunk of a Promise, or its rejection', async () => {
    const taken: Uint8Array[] = [];
    const accept = (chunk: Uint8Array) => {
      taken.push(chunk);
      return EMPTY;
    };
    const resolved = observe(pullEach(Promise.resolve(a), accept));
    const rejected = observe(pullEach(Promise.reject(new Error('broken')), accept));
    await settle();
    expect(taken).toStrictEqual([a]);
    expect(resolved.isComplete).toBe(true);
    expect(rejected.error).toStrictEqual(new Error('broken'));
  });

  it('takes an Observable as it emits, and waits at its end for all to be accepted', () => {
    const { taken, accepted, result } = acceptingByHand(of(a, b));
    expect(taken).toStrictEqual([a, b]);
    expect(result.isComplete).toBe(false);
    accepted.next();
    expect(result.isComplete).toBe(true);
  });

  it('consumes what can be consumed', () => {
    const consumed$ = new Subject<never>();
    const consume = vi.fn((_: (chunk: Uint8Array) => Observable<never>) => consumed$);
    const accept = () => EMPTY;
    const stream = Object.assign(of(a), { consume });
    const result = observe(pullEach(stream, accept));
    expect(consume).toHaveBeenCalledWith(accept);
    consumed$.complete();
    expect(result.isComplete).toBe(true);
  });

  describe('when it is unsubscribed', () => {
    it('tells a generator to return, once', () => {
      const { source, log } = loggedGenerator();
      const { result } = acceptingByHand(source);
      result.subscription.unsubscribe();
      result.subscription.unsubscribe();
      expect(log).toStrictEqual(['a', 'return']);
    });

    it('tells an async generator to return', async () => {
      const { source, log } = loggedAsyncGenerator();
      const { result } = acceptingByHand(source);
      await settle();
      result.subscription.unsubscribe();
      await settle();
      expect(log).toStrictEqual(['a', 'return']);
    });

    it('tells an async generator to return that is still making the next chunk, and takes no more of it', async () => {
      const making = new Subject<void>();
      const { source, log } = loggedAsyncGenerator(() => new Promise((resolve) => making.subscribe(() => resolve())));
      const { taken, result } = acceptingByHand(source);
      result.subscription.unsubscribe();
      await settle();
      expect(log).toStrictEqual([]);
      making.next();
      await settle();
      expect(log).toStrictEqual(['a', 'return']);
      expect(taken).toStrictEqual([]);
    });

    it('cancels a web stream', async () => {
      const cancel = vi.fn();
      for (const withIterator of [true, false]) {
        const { result } = acceptingByHand(webStream([a, b], { cancel }, withIterator));
        await settle();
        result.subscription.unsubscribe();
        await settle();
        expect(cancel).toHaveBeenCalledTimes(1);
        cancel.mockClear();
      }
    });

    it('lets go of an Observable', () => {
      const source = new Subject<Uint8Array>();
      const { result } = acceptingByHand(source);
      expect(source.observed).toBe(true);
      result.subscription.unsubscribe();
      expect(source.observed).toBe(false);
    });

    it('stops waiting for what `accept` returned', () => {
      const accepted = new Subject<never>();
      const result = observe(pullEach([a, b], () => accepted));
      expect(accepted.observed).toBe(true);
      result.subscription.unsubscribe();
      expect(accepted.observed).toBe(false);
    });

    it('minds neither an iterator that cannot return nor one that fails to', async () => {
      const next = () => ({ done: false, value: a });
      const iterators = [
        { next },
        { next, return: () => Promise.reject(new Error('broken')) },
        {
          next,
          return: () => {
            throw new Error('broken');
          },
        },
      ];
      for (const iterator of iterators) {
        const { result } = acceptingByHand({ [Symbol.iterator]: () => iterator } as Iterable<Uint8Array>);
        expect(() => result.subscription.unsubscribe()).not.toThrow();
      }
      await settle();
    });
  });

  describe('when the source fails', () => {
    it('errors with what a generator throws, and does not tell it to return', () => {
      const returned = vi.fn(() => ({ done: true as const, value: undefined }));
      const broken = new Error('broken');
      const next = vi.fn().mockReturnValueOnce({ done: false, value: a }).mockThrow(broken);
      const source = { [Symbol.iterator]: () => ({ next, return: returned }) };
      const { result, accepted } = acceptingByHand(source as Iterable<Uint8Array>);
      expect(result.error).toBeUndefined();
      accepted.next();
      expect(result.error).toBe(broken);
      expect(returned).not.toHaveBeenCalled();
    });

    it('errors with what an async generator throws', async () => {
      const broken = new Error('broken');
      async function* source() {
        yield a;
        throw broken;
      }
      const result = observe(pullEach(source(), () => EMPTY));
      await settle();
      expect(result.error).toBe(broken);
    });

    it('errors with the error of a web stream', async () => {
      const broken = new Error('broken');
      for (const withIterator of [true, false]) {
        const source = webStream([a], { pull: (controller) => controller.error(broken) }, withIterator, false);
        const result = observe(pullEach(source, () => EMPTY));
        await settle();
        expect(result.error).toBe(broken);
      }
    });

    it('errors when an iterator cannot be had', () => {
      const broken = new Error('broken');
      const source = {
        [Symbol.iterator]: () => {
          throw broken;
        },
      };
      expect(observe(pullEach(source, () => EMPTY)).error).toBe(broken);
    });
  });

  it('does not pull again once a synchronous source has completed while a chunk was being accepted', () => {
    const next = vi
      .fn()
      .mockReturnValueOnce({ done: false, value: a })
      .mockReturnValue({ done: true, value: undefined });
    const source = { [Symbol.iterator]: () => ({ next }) } as Iterable<Uint8Array>;
    expect(observe(pullEach(source, () => EMPTY)).isComplete).toBe(true);
    expect(next).toHaveBeenCalledTimes(2);
  });
});

function sourcesOf(chunks: readonly Uint8Array[]): [string, () => ObservableInput<Uint8Array>][] {
  return [
    ['pulled: an array', () => [...chunks]],
    ['pulled: a Set', () => new Set(chunks)],
    [
      'pulled: a generator',
      function* () {
        yield* chunks;
      },
    ],
    [
      'pulled: an async generator',
      async function* () {
        yield* chunks;
      },
    ],
    ['pulled: a web stream', () => webStream(chunks, {}, true)],
    ['pulled: a web stream that is not iterable', () => webStream(chunks, {}, false)],
    ['an Observable', () => of(...chunks)],
  ];
}

/** `withIterator`: as in Node; Safari's cannot be iterated over. */
function webStream(
  chunks: readonly Uint8Array[],
  source: UnderlyingSource<Uint8Array>,
  withIterator: boolean,
  ends = true,
): ObservableInput<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      if (ends && source.cancel === undefined) controller.close();
    },
    ...source,
  });
  const bare = { getReader: () => stream.getReader() };
  return (withIterator ? stream : bare) as unknown as ObservableInput<Uint8Array>;
}

/** Each chunk is accepted when `accepted` emits. */
function acceptingByHand(source: ObservableInput<Uint8Array>) {
  const accepted = new Subject<void>();
  const taken: Uint8Array[] = [];
  const result = observe(
    pullEach(source, (chunk) => {
      taken.push(chunk);
      return new Observable<never>((subscriber) => accepted.subscribe(() => subscriber.complete()));
    }),
  );
  return { accepted, taken, result };
}

function loggedGenerator() {
  const log: string[] = [];
  function* source() {
    try {
      for (const [name, chunk] of [['a', a] as const, ['b', b] as const]) {
        log.push(name);
        yield chunk;
      }
    } finally {
      log.push('return');
    }
  }
  return { source: source(), log };
}

function loggedAsyncGenerator(before: () => Promise<void> = () => Promise.resolve()) {
  const log: string[] = [];
  async function* source() {
    try {
      for (const [name, chunk] of [['a', a] as const, ['b', b] as const]) {
        await before();
        log.push(name);
        yield chunk;
      }
    } finally {
      log.push('return');
    }
  }
  return { source: source(), log };
}
