import { BehaviorSubject, EMPTY, from, Observable, type ObservableInput } from 'rxjs';
import { follow } from '../follow.js';
import { type StreamReader } from './StreamReader.js';

/** Reads with work of any kind for each chunk; see `SmuxStream.consume`. By hand: `mergeMap` made an exchange a tenth slower. */
export function consume<R>(
  reader: StreamReader,
  project: (chunk: Uint8Array) => ObservableInput<R>,
  concurrency: number,
): Observable<R> {
  return new Observable((subscriber) => {
    const wanted$ = new BehaviorSubject(Number.POSITIVE_INFINITY); // all or nothing
    let open = 1; // the stream, and the chunks in hand
    let sizeInHand = 0;

    const close = () => {
      open--;
      if (open === 0) subscriber.complete();
    };
    const take = (chunk: Uint8Array) => {
      open++;
      sizeInHand += chunk.length;
      if (open > concurrency) wanted$.next(0);
      const done = () => {
        if (subscriber.closed) return; // what was in hand has been counted
        sizeInHand -= chunk.length;
        reader.consume(chunk.length);
        close();
        wanted$.next(Number.POSITIVE_INFINITY);
      };
      const work = project(chunk);
      if (work === EMPTY) done();
      else follow(subscriber, from(work), (result) => subscriber.next(result), done);
    };
    subscriber.add(() => reader.consume(sizeInHand));
    follow(subscriber, reader.chunks(wanted$), take, close);
  });
}
