import { handleStreams, type Session, type SmuxStream } from 'rx-smux';
import { BehaviorSubject, finalize, mergeMap, type Observable, switchMap } from 'rxjs';
import { type Adjustment } from '../shared/Adjustment.js';
import { readRequest } from '../shared/readRequest.js';
import { type TrafficRequest } from '../shared/TrafficRequest.js';
import { answer } from './answer.js';

/** Answers the streams of the page. */
export class TrafficServer {
  /** Streams that are answered, by their key. */
  readonly #running = new Map<string, Running>();

  serve(sessions$: Observable<Session>): Observable<unknown> {
    const handled = handleStreams((stream) => this.#answer(stream), { onError: ignore }); // pages leave at any time
    return sessions$.pipe(mergeMap((session) => session.streams$.pipe(handled)));
  }

  /** Does with a stream, if it runs, what the page asks anew. @throws RangeError for a weight that is none */
  adjust({ key, weight, isSlow }: Adjustment): void {
    const running = this.#running.get(key);
    if (!running) return;
    running.stream.weight = weight;
    running.isSlow$.next(isSlow);
  }

  #answer(stream: SmuxStream): Observable<unknown> {
    return readRequest(stream).pipe(switchMap((request) => this.#run(stream, request)));
  }

  #run(stream: SmuxStream, { kind, key, weight, isSlow }: TrafficRequest): Observable<unknown> {
    const running = { stream, isSlow$: new BehaviorSubject(isSlow) };
    stream.weight = weight;
    this.#running.set(key, running);
    const forget = () => {
      if (this.#running.get(key) === running) this.#running.delete(key); // in the next link there may be another one
    };
    return answer[kind](stream, running.isSlow$).pipe(finalize(forget));
  }
}

interface Running {
  readonly stream: SmuxStream;
  readonly isSlow$: BehaviorSubject<boolean>;
}

function ignore(): void {}
