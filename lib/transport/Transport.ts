import { type Observable } from 'rxjs';

/** Where a link leads, as far as its transport knows. */
export interface TransportInfo {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  /** What the TLS peer presented, in the form of the platform (Node: `tls.PeerCertificate`). */
  readonly peerCertificate?: unknown;
  /** The request that became the link, in the form of the platform (Node: the `http.IncomingMessage` of a WebSocket). */
  readonly request?: unknown;
}

/**
 * An ordered, reliable pipe of bytes: all that a session knows of the outside.
 *
 * Nothing is emitted from inside `write`, `pause`, `resume` or `close`, and the methods do nothing after the end.
 */
export interface Transport {
  /**
   * Chunks as they arrive; their borders mean nothing, and the bytes are never overwritten. Subscribed once, by the session.
   * Completes at the end of the input, errors when the link breaks, a failed write included.
   */
  readonly incoming$: Observable<Uint8Array>;
  /** Hot: emits once for each `false` of `write`, when the link can take more. */
  readonly drained$: Observable<void>;
  readonly info: TransportInfo;
  /** Completes when all that was written before `close` has left, or never will. Without it, `close` is taken to do so at once. */
  readonly flushed$?: Observable<never>;
  /**
   * Sends a batch, in one gathering write where there is such. `false`: taken, but the next one should wait for `drained$`. Where
   * nothing can be sent any more it is `false` as well, so that nobody writes on until `incoming$` tells the end.
   */
  write(batch: readonly Uint8Array[]): boolean;
  /** Stops the input soon; a few chunks may still arrive. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then ends our direction. */
  close(): void;
  /** Releases everything, at once. */
  destroy(): void;
}
