import { BehaviorSubject, type Subscription } from 'rxjs';
import { type StreamReader } from '../inbound/StreamReader.js';
import { type Failure } from '../session/StreamHost.js';

/** Pulls chunk after chunk with Promises; see `SmuxStream[Symbol.asyncIterator]`. */
export function iterate(reader: StreamReader): AsyncIterableIterator<Uint8Array> {
  const wanted$ = new BehaviorSubject(0); // all or nothing
  const pulls: Pull[] = [];
  let inHand = 0;
  let reading: Subscription | undefined;
  let isEnded = false;
  let failure: Failure | undefined;

  const take = (chunk: Uint8Array) => {
    inHand += chunk.length;
    if (pulls.length === 1) wanted$.next(0);
    pulls.shift()?.resolve({ done: false, value: chunk });
  };
  const consumeInHand = () => {
    reader.consume(inHand);
    inHand = 0;
  };
  const end = (why?: Failure) => {
    isEnded = true;
    failure = why;
    settle();
  };
  // The first pull learns of a failure, those behind it of the end.
  const settle = () => {
    for (const { resolve, reject } of pulls.splice(0)) {
      if (failure) reject(failure.cause);
      else resolve({ done: true, value: undefined });
      failure = undefined;
    }
  };

  return {
    next: () =>
      new Promise((resolve, reject) => {
        consumeInHand();
        pulls.push({ resolve, reject });
        if (isEnded) return settle();
        wanted$.next(Number.POSITIVE_INFINITY);
        reading ??= reader.chunks(wanted$).subscribe({ next: take, error: (cause) => end({ cause }), complete: end });
      }),
    return: () => {
      consumeInHand();
      reading?.unsubscribe();
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

interface Pull {
  readonly resolve: (result: IteratorResult<Uint8Array>) => void;
  readonly reject: (cause: unknown) => void;
}
