import { InjectionToken } from '@angular/core';
import { createSession, type Session, type SessionOptions, type Transport, type Version } from 'rx-smux';
import { webSocketTransport } from 'rx-smux/web';
import { fromEvent, Observable, type ObservableInput, takeUntil } from 'rxjs';
import { type Adjustment } from '../../../shared/Adjustment';
import { limitRate } from '../../../shared/limitRate';
import { ADJUST_PATH, LINK_RATE, MAX_RECEIVE_BUFFER, SMUX_PATH } from '../../../shared/settings';

/** All that the page has of the world outside; specs bring their own. */
export interface Backend {
  /** A session a subscription, as `connectWebSocket` has them. @param tap is put around the transport of each */
  connect(version: Version, tap: (transport: Transport) => Transport): Observable<Session>;
  /** Tells the server what has changed about a stream; completes when that knows. */
  adjust(adjustment: Adjustment): ObservableInput<unknown>;
}

export const BACKEND = new InjectionToken<Backend>('BACKEND', { factory: () => ({ connect, adjust }) });

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

/** Beside the link, for in version 1 a word on the link might not arrive any more. */
async function adjust({ key, weight, isSlow }: Adjustment): Promise<void> {
  const query = new URLSearchParams({ key, weight: String(weight), isSlow: String(isSlow) });
  await fetch(`${ADJUST_PATH}?${query}`, { method: 'POST' }).catch(() => undefined); // the link tells of it
}
