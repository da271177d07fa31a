import { handleStreams, type Session, type SmuxStream } from 'rx-smux';
import {
  BehaviorSubject,
  endWith,
  filter,
  finalize,
  ignoreElements,
  interval,
  map,
  mergeMap,
  type Observable,
  switchMap,
  takeUntil,
  tap,
  withLatestFrom,
} from 'rxjs';
import { readAtPace } from '../shared/readAtPace.js';
import { readRequest } from '../shared/readRequest.js';
import { type Kind, type TrafficRequest } from '../shared/TrafficRequest.js';

/** Answers the streams of the page. */
export class TrafficServer {
  /** Uploads that are under way, by their key: whether they shall be read slowly. */
  readonly #isSlow = new Map<string, BehaviorSubject<boolean>>();

  serve(sessions$: Observable<Session>): Observable<unknown> {
    const handled = handleStreams((stream) => this.#answer(stream), { onError: ignore }); // pages leave at any time
    return sessions$.pipe(mergeMap((session) => session.streams$.pipe(handled)));
  }

  /** Beside the link, for in version 1 a word on the link would not arrive any more. */
  setSlow(key: string, isSlow: boolean): void {
    this.#isSlow.get(key)?.next(isSlow);
  }

  #answer(stream: SmuxStream): Observable<unknown> {
    return readRequest(stream).pipe(
      tap(({ weight }) => {
        stream.weight = weight;
      }),
      switchMap((request) => this.#answers[request.kind](stream, request)),
    );
  }

  readonly #answers: Record<Kind, (stream: SmuxStream, request: TrafficRequest) => Observable<unknown>> = {
    bulk: (stream) => stream.send(endless()).pipe(takeUntil(endOf(stream))),
    chat: (stream) => stream.send(stream),
    telemetry: (stream) => telemetry(stream).pipe(takeUntil(endOf(stream))),
    upload: (stream, request) => this.#takeFile(stream, request),
  };

  #takeFile(stream: SmuxStream, { key, isSlow }: TrafficRequest): Observable<unknown> {
    const isSlow$ = new BehaviorSubject(isSlow);
    this.#isSlow.set(key, isSlow$);
    return readAtPace(stream, isSlow$).pipe(finalize(() => this.#isSlow.delete(key)));
  }
}

/** Ten readings a second; those that nobody takes are left out. */
function telemetry(stream: SmuxStream): Observable<unknown> {
  return interval(TELEMETRY_INTERVAL).pipe(
    withLatestFrom(stream.writable$),
    filter(([, isWritable]) => isWritable),
    map(([count]) =>
      JSON.stringify({ count, temperature: 20 + 5 * Math.sin(count / 20), heap: process.memoryUsage() }),
    ),
    tap((reading) => stream.next(new TextEncoder().encode(reading))),
  );
}

/** The protocol knows no reset: that the page has ended the stream is seen where its bytes end. */
function endOf(stream: SmuxStream): Observable<unknown> {
  return stream.pipe(ignoreElements(), endWith(undefined));
}

function* endless(): Generator<Uint8Array> {
  for (;;) yield CHUNK;
}

function ignore(): void {}

const CHUNK = new Uint8Array(32 * 1024);
const TELEMETRY_INTERVAL = 100;
