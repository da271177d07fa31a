import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { merge, mergeMap, type ObservableInput, Subscription, tap } from 'rxjs';
import { handleStreams, type Session, type SmuxOptions, type SmuxStream } from '../../lib/index.js';
import { listenWebSocket } from '../../lib/node/index.js';
import { serve } from '../interop/requests.js';

/**
 * An HTTP server with the page, and sessions with it: behind `/node` one of ours that answers requests, behind `/go`
 * one that passes them on to a Go peer.
 */
export class PageServer {
  readonly sessions: Session[] = [];
  readonly #server: Server;
  readonly #listening = new Subscription();

  /** @param options for `/node` @param goSession where the streams of `/go` go */
  static async start(folder: string, port: number, options: SmuxOptions, goSession?: Session): Promise<PageServer> {
    const server = createServer(({ url = '/' }, response) => {
      const path = url === '/' ? '/index.html' : url;
      response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : 'text/html');
      response.end(readFileSync(folder + path));
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    const started = new PageServer(server);
    started.#serve('/node', serve, options);
    if (goSession) started.#serve('/go', (stream) => relay(stream, goSession.open()));
    return started;
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#listening.unsubscribe();
    for (const session of this.sessions) session.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #serve(path: string, handle: (stream: SmuxStream) => ObservableInput<unknown>, options: SmuxOptions = {}): void {
    const ignore = () => {}; // pages leave in the middle of a request
    const serving = listenWebSocket({ server: this.#server, path, ...options }).pipe(
      tap((session) => this.sessions.push(session)),
      mergeMap((session) => session.streams$.pipe(handleStreams(handle, { onError: ignore }))),
    );
    this.#listening.add(serving.subscribe());
  }
}

function relay(one: SmuxStream, other: SmuxStream): ObservableInput<unknown> {
  return merge(one.send(other), other.send(one));
}
