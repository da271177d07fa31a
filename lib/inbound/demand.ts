import { map, Observable, Subject, takeUntil, tap } from 'rxjs';
import { follow } from '../follow.js';
import { type StreamReader } from './StreamReader.js';

/** Reads exactly as many bytes as are granted; see `SmuxStream.demand`. */
export function demand(reader: StreamReader, credit$: Observable<number>): Observable<Uint8Array> {
  return new Observable((subscriber) => {
    const served$ = new Subject<void>();
    let granted = 0;
    let delivered = 0;
    let isGrantEnded = false;

    const grant = (size: number) => {
      const isWhole = Number.isInteger(size) || size === Number.POSITIVE_INFINITY;
      if (!isWhole || size < 0) throw new RangeError(`a grant must be a whole number of bytes, 0 or more, got ${size}`);
      granted += size;
      return granted;
    };
    const endGrant = () => {
      isGrantEnded = true;
      look();
    };
    const look = () => {
      if (isGrantEnded && delivered >= granted) served$.next();
    };
    const take = (chunk: Uint8Array) => {
      delivered += chunk.length;
      subscriber.next(chunk);
      reader.consume(chunk.length);
      look();
    };
    const limit$ = credit$.pipe(map(grant), tap({ complete: endGrant }));
    follow(subscriber, reader.chunks(limit$).pipe(takeUntil(served$)), take, () => subscriber.complete());
  });
}
