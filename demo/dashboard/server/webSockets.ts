import { type Server } from 'node:http';
import { createSession, type Session } from 'rx-smux';
import { webSocketTransport } from 'rx-smux/web';
import { Observable } from 'rxjs';
import { WebSocketServer } from 'ws';
import { limitRate } from '../shared/limitRate.js';
import { LINK_RATE, MAX_RECEIVE_BUFFER, SMUX_PATH } from '../shared/settings.js';

/** As `listenWebSocket` of `rx-smux/node`, which one would take, had the link not to be made narrow here. */
export function webSockets(server: Server): Observable<Session> {
  return new Observable((subscriber) => {
    const sockets = new WebSocketServer({ server, path: SMUX_PATH, perMessageDeflate: false });
    sockets.on('connection', (socket) => {
      const transport = limitRate(webSocketTransport(socket), LINK_RATE);
      subscriber.next(createSession(transport, { role: 'server', maxReceiveBuffer: MAX_RECEIVE_BUFFER }));
    });
    return () => sockets.close();
  });
}
