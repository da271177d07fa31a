import { BehaviorSubject, type Subscription } from 'rxjs';
import { type StreamReader } from '../inbound/StreamReader.js';

/** Pulls chunk after chunk with Promises; see `SmuxStream[Symbol.asyncIterator]`. */
export function iterate(reader: StreamReader): AsyncIterableIterator<Uint8Array> {
  const wanted$ = new BehaviorSubject(0);
  const pulls: Pull[] = [];
  let delivered = 0;
  let inHand = 0;
  let reading: Subscription | undefined;
  let ending: { readonly failure?: { readonly cause: unknown } } | undefined;

  const finish = (end: NonNullable<typeof ending>) => {
    ending = end;
    // The first pull learns of a failure, those behind it of the end.
    for (const pull of pulls.splice(0)) settle(pull);
  };
  const settle = ({ resolve, reject }: Pull) => {
    const failure = ending?.failure;
    ending = {};
    if (failure) reject(failure.cause);
    else resolve({ done: true, value: undefined });
  };
  const consumeInHand = () => {
    const size = inHand;
    inHand = 0;
    if (size > 0) reader.consume(size);
  };
  const start = () =>
    reader.chunks(wanted$).subscribe({
      next: (chunk) => {
        delivered += chunk.length;
        inHand += chunk.length;
        if (pulls.length === 1) wanted$.next(delivered);
        pulls.shift()?.resolve({ done: false, value: chunk });
      },
      error: (cause: unknown) => finish({ failure: { cause } }),
      complete: () => finish({}),
    });

  return {
    next: () =>
      new Promise((resolve, reject) => {
        consumeInHand();
        if (ending) return settle({ resolve, reject });
        pulls.push({ resolve, reject });
        wanted$.next(Number.POSITIVE_INFINITY);
        reading ??= start();
      }),
    return: () => {
      consumeInHand();
      reading?.unsubscribe();
      finish({});
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
