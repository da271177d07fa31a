import { concat, EMPTY, from, ignoreElements, mergeMap, noop, Observable, type ObservableInput } from 'rxjs';
import { follow } from '../follow.js';

/**
 * Takes chunk after chunk from a source and waits in between for what `accept` returns to complete. Iterables, async iterables and
 * web streams are pulled, a stream of a session is consumed; an Observable of another kind cannot wait and is taken as it emits.
 * Completes with the source; unsubscribing before that tells an iterator to `return`.
 * @param acceptAtOnce for chunks of a source that cannot wait: must take them before it returns, or they would overtake each other
 * @param ready$ an iterator is asked for its first chunk when this has completed
 */
export function pullEach(
  source: ObservableInput<Uint8Array>,
  accept: (chunk: Uint8Array) => Observable<never>,
  acceptAtOnce = accept,
  ready$: Observable<never> = EMPTY,
): Observable<never> {
  if (isConsumable(source)) return source.consume(accept);
  const iterator = iteratorOf(source);
  if (iterator === undefined) return from(source).pipe(mergeMap(acceptAtOnce), ignoreElements());
  return concat(ready$, pullIterator(iterator, accept));
}

function pullIterator(
  openIterator: () => AnyIterator,
  accept: (chunk: Uint8Array) => Observable<never>,
): Observable<never> {
  return new Observable((subscriber) => {
    const iterator = openIterator();
    let isDone = false;
    let isPulling = false;
    let isWanted = false;

    const fail = (cause: unknown) => {
      isDone = true; // an iterator that has thrown is finished
      subscriber.error(cause);
    };
    const take = (result: IteratorResult<Uint8Array>) => {
      if (subscriber.closed) return;
      if (result.done) {
        isDone = true;
        return subscriber.complete();
      }
      try {
        const accepted = accept(result.value); // EMPTY, the common case: there is nothing to wait for
        if (accepted === EMPTY) pull();
        else follow(subscriber, accepted, noop, pull);
      } catch (cause) {
        subscriber.error(cause);
      }
    };
    // A loop instead of a recursion: a synchronous source may hold any number of chunks.
    function pull(): void {
      isWanted = true;
      if (isPulling) return;
      isPulling = true;
      while (isWanted && !subscriber.closed) {
        isWanted = false;
        try {
          const result = iterator.next();
          if ('then' in result) result.then(take, fail);
          else take(result);
        } catch (cause) {
          fail(cause);
        }
      }
      isPulling = false;
    }

    subscriber.add(() => {
      if (!isDone) release(iterator);
    });
    pull();
  });
}

/** Nobody waits for it any more, so what `return` throws or rejects with reaches nobody. */
function release(iterator: AnyIterator): void {
  new Promise((resolve) => resolve(iterator.return?.())).catch(() => undefined);
}

function isConsumable(source: object): source is Consumable {
  return 'consume' in source && typeof source.consume === 'function';
}

function iteratorOf(source: object): (() => AnyIterator) | undefined {
  if (Symbol.asyncIterator in source) return () => (source as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  if (Symbol.iterator in source) return () => (source as Iterable<Uint8Array>)[Symbol.iterator]();
  if ('getReader' in source) return () => readerIterator((source as WebStream).getReader());
  return undefined;
}

/** For platforms whose web streams are not iterable. */
function readerIterator(reader: ReturnType<WebStream['getReader']>): AnyIterator {
  return {
    next: () => reader.read(),
    return: () => reader.cancel().then(() => ({ done: true, value: undefined })),
  };
}

type AnyIterator = {
  next(): IteratorResult<Uint8Array> | Promise<IteratorResult<Uint8Array>>;
  return?(): unknown;
};

interface Consumable {
  consume(accept: (chunk: Uint8Array) => Observable<never>): Observable<never>;
}

interface WebStream {
  getReader(): { read(): Promise<IteratorResult<Uint8Array>>; cancel(): Promise<void> };
}
