import { type Observable } from 'rxjs';
import { type RunHelpers } from 'rxjs/testing';
import { type SessionOptions, type SmuxOptions } from '../options.js';
import { type Session } from '../session.js';
import { type Transport } from '../transport/Transport.js';
import { type Frame } from '../wire/frame.js';
import { type LinkedTransport, type LinkOptions } from './linkedTransports.js';

/** What a test in `run` is given: the helpers of `TestScheduler.run`, and these. */
export interface TestHelpers extends RunHelpers {
  /** As that of `rx-smux`; the session is destroyed behind the test. */
  createSession(transport: Transport, options: SessionOptions): Session;
  /** As that of `rx-smux/testing`; the link is destroyed behind the test. */
  linkedTransports(options?: LinkOptions): [LinkedTransport, LinkedTransport];
  /**
   * A client and a server over a link of their own.
   * @param options of both sessions, and `link` for what is between them
   */
  linkedSessions(options?: SmuxOptions & { readonly link?: LinkOptions }): LinkedSessions;
  /**
   * What code under test gets in place of `connect` of `rx-smux/node`: a session a subscription, which completes on an orderly
   * close, errors on failure, and is destroyed by unsubscribing.
   * @param dial makes the link of a session; `attempt` counts from 1; what it throws is the error of the attempt
   */
  connect(dial: (attempt: number) => Transport, options?: SmuxOptions): Observable<Session>;
  /**
   * A transport whose peer does what a diagram says: each mark is a frame that arrives, `|` the end of the input, `#` a link that
   * breaks. Its time begins when a session is made of it.
   *
   * ```ts
   * const session = createSession(frames('-s-p-(pf)|', { s: syn(3), p: psh(3, 'hello'), f: fin(3) }), { role: 'server' });
   * ```
   *
   * @param table the frames, or raw bytes, that marks stand for
   * @param error what `#` stands for
   * @throws TypeError for a mark that the table does not have
   */
  frames(diagram: string, table?: Readonly<Record<string, Frame | Uint8Array>>, error?: unknown): FrameTransport;
  /**
   * Expects of a session made of {@link TestHelpers.frames} that it sends what a diagram says: a mark is a frame, `|` the end.
   * A failure shows the whole conversation, frame by frame.
   */
  expectFrames(transport: FrameTransport): {
    toBe(diagram: string, table?: Readonly<Record<string, Frame>>): void;
  };
  /**
   * Expects bytes, as `expectObservable` expects values; chunks of the same moment are one, since their borders mean nothing.
   *
   * ```ts
   * expectStream(stream).toBe('--a--(b|)', { a: 'hello', b: new Uint8Array(3) });
   * ```
   *
   * @param subscriptionMarbles when to subscribe and to unsubscribe
   */
  expectStream(
    source: Observable<Uint8Array>,
    subscriptionMarbles?: string | null,
  ): {
    /**
     * @param table text or bytes that marks stand for; a mark that it does not have is its own text
     * @param error what `#` stands for: an error, or the code of one
     */
    toBe(diagram: string, table?: Readonly<Record<string, string | Uint8Array>>, error?: unknown): void;
  };
  /** A cold Observable of bytes: marks are the texts or bytes of the table, or their own text. */
  coldBytes(
    diagram: string,
    table?: Readonly<Record<string, string | Uint8Array>>,
    error?: unknown,
  ): Observable<Uint8Array>;
  /**
   * Grants for `stream.demand`, in bytes: a mark is a digit, or a number of the table.
   *
   * ```ts
   * stream.demand(grants('4----(6k)|', { k: 1024 }));
   * ```
   *
   * @throws TypeError for a mark that is neither
   */
  grants(diagram: string, table?: Readonly<Record<string, number>>): Observable<number>;
}

/** A transport whose peer is scripted, made by {@link TestHelpers.frames}. */
export interface FrameTransport extends Transport {
  /** What the session has sent so far, in words, with the time in milliseconds. */
  readonly sent: readonly FrameNote[];
  /** What the session has been sent so far. */
  readonly received: readonly FrameNote[];
}

/** A frame in words, such as `v2 PSH stream 3, 5 bytes "hello"`. */
export interface FrameNote {
  /** When it passed, in milliseconds since the session was made. */
  readonly at: number;
  readonly words: string;
}

/** Two sessions, and the link between them. */
export interface LinkedSessions {
  readonly client: Session;
  readonly server: Session;
  /** The client's end and the server's. */
  readonly link: readonly [LinkedTransport, LinkedTransport];
}
