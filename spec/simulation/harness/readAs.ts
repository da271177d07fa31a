import {
  defer,
  EMPTY,
  finalize,
  interval,
  map,
  type Observable,
  Subject,
  startWith,
  switchMap,
  take,
  tap,
  timer,
} from 'rxjs';
import { type SmuxStream } from '../../../lib/stream.js';
import { type Reading } from './History.js';

/** Who counts what a consumer does. */
export interface Counts {
  /** Bytes have been handed out. */
  seen(chunk: Uint8Array): void;
  /** The consumer has finished with so many of them. */
  consumed(size: number): void;
}

/** What a consumer of a kind does with a stream. */
export function readAs(stream: SmuxStream, how: Reading, counts: Counts): Observable<unknown> {
  const both = (chunk: Uint8Array) => {
    counts.seen(chunk);
    counts.consumed(chunk.length);
  };
  switch (how.kind) {
    case 'flow':
      return stream.pipe(tap(both));
    case 'some':
      return stream.pipe(tap(both), take(how.chunks));
    case 'work':
      return work(stream, how, counts);
    case 'failing': {
      let left = how.chunks;
      return stream.consume((chunk) => {
        both(chunk);
        if (--left === 0) throw FAILURE;
        return EMPTY;
      });
    }
    case 'granted': {
      const { grants } = how;
      const grants$ = interval(how.interval).pipe(
        take(grants.length),
        map((turn) => grants[turn] as number),
      );
      return stream.demand(grants$).pipe(tap(both));
    }
    case 'batches':
      return batches(stream, how).pipe(tap(both));
  }
}

/** What a failing consumer throws. */
export const FAILURE = new Error('the consumer has failed');

/** This kind of consumer stays until the stream ends. */
export function isPersistent({ kind }: Reading): boolean {
  return kind === 'flow' || kind === 'work' || kind === 'batches';
}

function work(stream: SmuxStream, how: Reading & { readonly kind: 'work' }, counts: Counts): Observable<unknown> {
  let turn = 0;
  let inHand = 0;
  const done = (size: number) => {
    inHand -= size;
    counts.consumed(size);
  };
  return stream
    .consume(
      (chunk) => {
        inHand += chunk.length;
        counts.seen(chunk);
        const delay = how.delays[turn++ % how.delays.length] as number;
        return (delay === 0 ? EMPTY : timer(delay)).pipe(tap({ complete: () => done(chunk.length) }));
      },
      { concurrency: how.concurrency },
    )
    .pipe(finalize(() => done(inHand))); // who leaves has finished with what is in hand
}

function batches(stream: SmuxStream, { size, pause }: Reading & { readonly kind: 'batches' }): Observable<Uint8Array> {
  return defer(() => {
    const served$ = new Subject<void>();
    let left = size;
    const grants$ = served$.pipe(
      switchMap(() => timer(pause)),
      map(() => (left = size)),
      startWith(size),
    );
    return stream.demand(grants$).pipe(
      tap((chunk) => {
        left -= chunk.length;
        if (left === 0) served$.next();
      }),
    );
  });
}
