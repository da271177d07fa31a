import { BehaviorSubject, Observable } from 'rxjs';
import { type StreamReader } from './StreamReader.js';

/** Reads exactly as many bytes as are granted; see `SmuxStream.demand`. */
export function demand(reader: StreamReader, credit$: Observable<number>): Observable<Uint8Array> {
  return new Observable((subscriber) => {
    const granted$ = new BehaviorSubject(0);
    let delivered = 0;
    let isGrantEnded = false;

    const finishIfServed = () => {
      if (!isGrantEnded || delivered < granted$.value) return;
      reading.unsubscribe(); // first, so that the next consumer may follow at once
      subscriber.complete();
    };
    const reading = reader.chunks(granted$).subscribe({
      next: (chunk) => {
        delivered += chunk.length;
        subscriber.next(chunk);
        reader.consume(chunk.length);
        finishIfServed();
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
    const fail = (error: unknown) => {
      reading.unsubscribe();
      subscriber.error(error);
    };
    subscriber.add(reading);
    if (subscriber.closed) return;
    subscriber.add(
      credit$.subscribe({
        next: (size) => {
          const isWhole = Number.isInteger(size) || size === Number.POSITIVE_INFINITY;
          if (isWhole && size >= 0) granted$.next(granted$.value + size);
          else fail(new RangeError(`a grant must be a whole number of bytes, 0 or more, got ${size}`));
        },
        error: fail,
        complete: () => {
          isGrantEnded = true;
          finishIfServed();
        },
      }),
    );
  });
}
