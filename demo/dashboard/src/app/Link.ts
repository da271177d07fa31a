import { Injectable, type Signal, signal } from '@angular/core';
import { takeUntilDestroyed, toSignal } from '@angular/core/rxjs-interop';
import { type Session, type SessionStats } from 'rx-smux';
import { connectWebSocket } from 'rx-smux/web';
import { map, type Observable, pairwise, retry, startWith, switchMap, tap, timer } from 'rxjs';
import { Download } from './Download';

/** What a session has moved, and how fast. */
export interface Traffic {
  readonly stats: SessionStats;
  /** Bytes a second. */
  readonly receiving: number;
  readonly sending: number;
}

/** The one WebSocket to the server, dialled again whenever it is lost, and the streams in it. */
@Injectable({ providedIn: 'root' })
export class Link {
  readonly #session = signal<Session | undefined>(undefined);
  readonly #downloads = signal<readonly Download[]>([]);
  readonly #reconnections = signal(-1);
  /** Undefined while there is no connection. */
  readonly session: Signal<Session | undefined> = this.#session.asReadonly();
  readonly downloads: Signal<readonly Download[]> = this.#downloads.asReadonly();
  readonly reconnections: Signal<number> = this.#reconnections.asReadonly();
  readonly traffic: Signal<Traffic | undefined>;

  constructor() {
    const session$ = connectWebSocket(new URL('/smux', location.href.replace(/^http/, 'ws'))).pipe(
      tap((session) => this.#connected(session)),
      tap({ error: () => this.#disconnected(), complete: () => this.#disconnected() }),
      retry({ delay: () => timer(RETRY_DELAY), resetOnSuccess: true }),
      takeUntilDestroyed(),
    );
    this.traffic = toSignal(session$.pipe(switchMap((session) => trafficOf(session))));
  }

  /** Has the server send without end. @param pace MB a second */
  download(pace: number): void {
    const session = this.session();
    if (session) this.#downloads.update((downloads) => [...downloads, new Download(session, pace)]);
  }

  /** Closes the stream, and has it disappear. */
  remove(download: Download): void {
    download.close();
    this.#downloads.update((downloads) => downloads.filter((other) => other !== download));
  }

  #connected(session: Session): void {
    this.#session.set(session);
    this.#reconnections.update((count) => count + 1);
  }

  #disconnected(): void {
    this.#session.set(undefined);
    this.#downloads.set([]);
  }
}

function trafficOf(session: Session): Observable<Traffic> {
  return session.stats$.pipe(
    startWith(session.stats),
    pairwise(),
    map(([before, stats]) => ({
      stats,
      receiving: stats.received - before.received,
      sending: stats.sent - before.sent,
    })),
  );
}

/** Milliseconds. */
const RETRY_DELAY = 1000;
