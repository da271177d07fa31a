import { type IncomingMessage } from 'node:http';
import { defaultIfEmpty, defer, from, map, type Observable, type ObservableInput, of, take, timeout } from 'rxjs';

/** Who may have a WebSocket. */
export interface AdmissionOptions {
  /**
   * The pages that may connect: their origins, such as `'https://example.org'`, or a function that knows. A browser
   * sends its cookies along whatever page connects, so a page of another origin has to be named. Programs send no
   * origin and are let in. Default: the origins whose host is that of the request
   */
  readonly origins?: readonly string[] | ((origin: string, request: IncomingMessage) => boolean);
  /**
   * Authentication: whether to accept this request, by its cookies, headers or URL. `false` answers it with 401, an
   * error with 500, which `onConnectionError` is told. The request is at `session.transport.info.request` later.
   * Default: everybody
   */
  readonly authorize?: (request: IncomingMessage) => boolean | ObservableInput<boolean>;
  /** For `authorize`, in milliseconds; afterwards the request is answered with 408. Default: 10000 */
  readonly authorizeTimeout?: number;
}

/** The HTTP status for a request to become a WebSocket: 101 where it may. Errors when `authorize` does. */
export function admitUpgrade(request: IncomingMessage, options: AdmissionOptions): Observable<number> {
  const { origins, authorize = () => true, authorizeTimeout = 10_000 } = options;
  return defer(() => {
    if (!isOriginAllowed(request, origins)) return of(403);
    const verdict = authorize(request);
    const verdict$ = typeof verdict === 'boolean' ? of(verdict) : from(verdict);
    return verdict$.pipe(
      take(1),
      defaultIfEmpty(false),
      map((isAccepted) => (isAccepted ? 101 : 401)),
      timeout({ first: authorizeTimeout, with: () => of(408) }),
    );
  });
}

function isOriginAllowed(request: IncomingMessage, origins: AdmissionOptions['origins']): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (typeof origins === 'function') return origins(origin, request);
  if (origins) return origins.includes(origin);
  return URL.canParse(origin) && new URL(origin).host === host;
}
