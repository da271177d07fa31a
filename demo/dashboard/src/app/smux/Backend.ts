import { InjectionToken } from '@angular/core';
import { createSession, type Session, type SessionOptions, type Transport, type Version } from 'rx-smux';
import { webSocketTransport } from 'rx-smux/web';
import { fromEvent, Observable, takeUntil } from 'rxjs';
import { limitRate } from '../../../shared/limitRate';
import { LINK_RATE, MAX_RECEIVE_BUFFER, PACE_PATH, SMUX_PATH } from '../../../shared/settings';

/** All that the page has of the world outside; specs bring their own. */
export interface Backend {
  /** A session a subscription, as `connectWebSocket` has them. @param tap is put around the transport of each */
  connect(version: Version, tap: (transport: Transport) => Transport): Observable<Session>;
  /** Has the server read a stream slowly, or as fast as it can. @param key of the stream's request */
  setPace(key: string, isSlow: boolean): void;
}

export const BACKEND = new InjectionToken<Backend>('BACKEND', { factory: () => ({ connect, setPace }) });

function connect(version: Version, tap: (transport: Transport) => Transport): Observable<Session> {
  const options: SessionOptions = { role: 'client', version, maxReceiveBuffer: MAX_RECEIVE_BUFFER };
  return new Observable((subscriber) => {
    const socket = new WebSocket(new URL(SMUX_PATH, location.href.replace(/^http/, 'ws')));
    const session = createSession(tap(limitRate(webSocketTransport(socket), LINK_RATE)), options);
    subscriber.add(() => session.destroy());
    fromEvent(socket, 'open')
      .pipe(takeUntil(session.closed$))
      .subscribe(() => subscriber.next(session));
    session.closed$.subscribe(({ cause }) => (cause ? subscriber.error(cause) : subscriber.complete()));
  });
}

function setPace(key: string, isSlow: boolean): void {
  void fetch(`${PACE_PATH}?key=${key}&slow=${isSlow}`, { method: 'POST' }).catch(() => undefined); // the link tells of it
}
