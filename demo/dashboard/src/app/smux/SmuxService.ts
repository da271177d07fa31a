import { Injectable, inject, type OnDestroy } from '@angular/core';
import { type Session } from 'rx-smux';
import {
  BehaviorSubject,
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  map,
  type Observable,
  of,
  repeat,
  Subject,
  shareReplay,
  switchMap,
} from 'rxjs';
import { type Adjustment } from '../../../shared/Adjustment';
import { type Kind } from '../../../shared/TrafficRequest';
import { Traffic } from '../streams/Traffic';
import { type UploadFile } from '../upload/UploadFile';
import { BACKEND } from './Backend';
import { type PassingFrame, tapFrames } from './tapFrames';
import { VERSION } from './VERSION';

/** A session, or why there is none. */
export type Connection =
  | { readonly session: Session; readonly cause?: undefined }
  | { readonly session: undefined; readonly cause: string };

/** One link to the server, dialled again whenever it is lost, and the streams in it. */
@Injectable()
export class SmuxService implements OnDestroy {
  readonly #backend = inject(BACKEND);
  readonly #version = inject(VERSION);
  readonly #streams$ = new BehaviorSubject<readonly Traffic[]>([]);
  readonly #frame$ = new Subject<PassingFrame>();

  readonly connection$: Observable<Connection> = defer(() => this.#connect()).pipe(
    map((session): Connection => ({ session })),
    endWith<Connection>({ session: undefined, cause: 'closed in order' }),
    catchError(({ message }: Error) => of<Connection>({ session: undefined, cause: message })),
    repeat({ delay: RETRY_DELAY }),
    shareReplay({ bufferSize: 1, refCount: true }),
  );
  readonly session$ = this.connection$.pipe(
    map(({ session }) => session),
    distinctUntilChanged(),
  );
  /** What was started and not stopped. A stream that is lost with its link is opened again in the next one. */
  readonly streams$ = this.#streams$.asObservable();
  /** Every frame, both ways. */
  readonly frames$ = this.#frame$.asObservable();

  /** @param weight share of the link: from 1 to 256 @param file for an upload; by default it makes one up */
  start(kind: Kind, weight = 1, file?: UploadFile): Traffic {
    const tellServer = (changed: Adjustment) => this.#backend.adjust(changed);
    const traffic = new Traffic(kind, weight, this.#freeColour(), tellServer, file);
    traffic.follow(this.session$.pipe(switchMap((session) => (session ? traffic.run(session) : EMPTY))));
    this.#streams$.next([...this.#streams$.value, traffic]);
    return traffic;
  }

  stop(traffic: Traffic): void {
    traffic.stop();
    this.#streams$.next(this.#streams$.value.filter((other) => other !== traffic));
  }

  ngOnDestroy(): void {
    for (const traffic of this.#streams$.value) this.stop(traffic);
  }

  #freeColour(): number {
    const taken = this.#streams$.value.map(({ colour }) => colour);
    const free = Array.from({ length: COLOURS }, (_, colour) => colour).find((colour) => !taken.includes(colour));
    return free ?? taken.length % COLOURS;
  }

  #connect(): Observable<Session> {
    return this.#backend.connect(this.#version, (transport) =>
      tapFrames(transport, this.#version, (passing) => this.#frame$.next(passing)),
    );
  }
}

const COLOURS = 8;
/** Milliseconds. */
const RETRY_DELAY = 2000;
