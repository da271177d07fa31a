import { type Session, type SmuxStream, type StreamStats } from 'rx-smux';
import {
  BehaviorSubject,
  catchError,
  concatMap,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  type Observable,
  type ObservableInput,
  pairwise,
  Subscription,
  skip,
  tap,
  timer,
} from 'rxjs';
import { type Adjustment } from '../../../shared/Adjustment';
import { encodeRequest } from '../../../shared/encodeRequest';
import { type Kind, type TrafficRequest } from '../../../shared/TrafficRequest';
import { type Delivery } from '../upload/Delivery';
import { MADE_UP_FILE } from '../upload/MADE_UP_FILE';
import { type UploadFile } from '../upload/UploadFile';
import { drive } from './drive';

/** How a stream does. */
export interface Figures {
  /** Undefined while there is no link to be in. */
  readonly stats: StreamStats | undefined;
  /** Bytes a second, both ways. */
  readonly rate: number;
}

/** Something to be carried: by a stream of the session there is, and of the next one when that is lost. */
export class Traffic implements TrafficRequest {
  readonly key = crypto.randomUUID();
  /** Share of the link, at both of its ends: from 1 to 256. */
  readonly weight$: BehaviorSubject<number>;
  /** Who reads the stream does so slowly: the page, or the server what is uploaded. */
  readonly isSlow$ = new BehaviorSubject(false);
  readonly stream$ = new BehaviorSubject<SmuxStream | undefined>(undefined);
  /** Of an upload: how far it is. */
  readonly delivery$ = new BehaviorSubject<Delivery>({ sent: 0 });
  /** Nothing is left to be sent. */
  readonly isDone$ = new BehaviorSubject(false);
  readonly figures$: Observable<Figures> = timer(0, SAMPLE_INTERVAL).pipe(
    map(() => this.stream$.value),
    map((stream) => ({ stream, stats: stream?.stats })),
    pairwise(),
    map(([before, now]) => ({
      stats: now.stats,
      rate: now.stream === before.stream ? rateOf(before.stats, now.stats) : 0,
    })),
  );
  readonly #running = new Subscription();

  constructor(
    readonly kind: Kind,
    weight: number,
    /** Which one of the eight colours of the page. */
    readonly colour: number,
    tellServer: (changed: Adjustment) => ObservableInput<unknown>,
    /** What an upload carries. */
    readonly file: UploadFile = MADE_UP_FILE,
  ) {
    this.weight$ = new BehaviorSubject(weight);
    const changed$ = merge(changesOf(this.weight$), changesOf(this.isSlow$));
    const told$ = changed$.pipe(
      map(() => this.stream$.value),
      filter((stream) => stream !== undefined), // without one it goes with the next request
      tap((stream) => {
        stream.weight = this.weight;
      }),
      concatMap(() => tellServer(this)), // in turn, so that what is said last is heard last
    );
    this.#running.add(told$.subscribe());
  }

  get weight(): number {
    return this.weight$.value;
  }

  get isSlow(): boolean {
    return this.isSlow$.value;
  }

  /** Opens the stream and does with it what its kind does; unsubscribing closes it. */
  run(session: Session): Observable<never> {
    return defer(() => {
      if (this.isDone$.value) return EMPTY;
      const stream = session.open({ weight: this.weight });
      stream.next(encodeRequest(this));
      this.stream$.next(stream);
      return drive[this.kind](stream, this).pipe(
        tap({ complete: () => this.isDone$.next(this.kind === 'upload') }),
        finalize(() => stream.close()),
      );
    }).pipe(
      catchError(() => EMPTY), // the link was lost
      ignoreElements(),
      finalize(() => this.stream$.next(undefined)),
    );
  }

  follow(runs$: Observable<never>): void {
    this.#running.add(runs$.subscribe());
  }

  stop(): void {
    this.#running.unsubscribe();
  }
}

function changesOf<T>(value$: Observable<T>): Observable<T> {
  return value$.pipe(distinctUntilChanged(), skip(1));
}

function rateOf(before: StreamStats | undefined, now: StreamStats | undefined): number {
  const moved = (stats: StreamStats | undefined) => (stats ? stats.received + stats.sent : 0);
  return ((moved(now) - moved(before)) * 1000) / SAMPLE_INTERVAL;
}

/** Milliseconds between two looks at a stream. */
export const SAMPLE_INTERVAL = 500;
