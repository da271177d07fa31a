import { expand, filter, merge, of, Subject, type Subscription, take, timer } from 'rxjs';
import { closeError } from '../transport/closeError.js';
import { type Transport } from '../transport/Transport.js';
import { assertSizes } from './assertSizes.js';
import { bytesOf } from './bytesOf.js';
import { joinBatch } from './joinBatch.js';
import { PushedInput, type PushedInputOptions } from './PushedInput.js';

/**
 * What is needed of a WebSocket: that of a browser has it, and that of the `ws` package, which can be paused besides.
 */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(message: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
  addEventListener(type: WebSocketEventType, listener: (event: WebSocketEvent) => void): void;
  removeEventListener(type: WebSocketEventType, listener: (event: WebSocketEvent) => void): void;
  pause?(): void;
  resume?(): void;
  terminate?(): void;
}

/** What happens to a WebSocket. */
export type WebSocketEventType = 'open' | 'message' | 'error' | 'close';

/** What the events of a WebSocket tell. */
export interface WebSocketEvent {
  readonly type: string;
  /** Of a message. */
  readonly data?: unknown;
  /** Of an error, as far as the platform says anything. */
  readonly message?: string;
  /** Of the end. */
  readonly code?: number;
  readonly reason?: string;
}

/** How a WebSocket shall be used. */
export interface WebSocketTransportOptions extends PushedInputOptions {
  /**
   * Bytes the WebSocket may have buffered before the session waits. More of them keep a fast link busier, fewer let a
   * new frame overtake sooner.
   * @defaultValue `262144`
   */
  readonly maxBufferedAmount?: number;
}

/**
 * Makes a WebSocket, open or about to be, the link of a session. The transport owns it from now on. A batch of frames
 * leaves as one binary message; the borders of messages that come in mean nothing.
 *
 * A browser's WebSocket cannot be paused: see `maxPausedBuffer` for what that means in version 1. It ends in order with
 * close codes 1000, 1001 and 1005, every other one is an error.
 * @throws RangeError for a bad option
 */
export function webSocketTransport(socket: WebSocketLike, options: WebSocketTransportOptions = {}): Transport {
  return new WebSocketTransport(socket, options);
}

class WebSocketTransport implements Transport {
  readonly info = {};
  readonly drained$ = new Subject<void>();
  readonly flushed$ = new Subject<never>();
  readonly #socket: WebSocketLike;
  readonly #input: PushedInput;
  readonly #maxBufferedAmount: number;
  readonly #message$ = new Subject<void>();
  /** Written before the socket was open. */
  readonly #early: Uint8Array[] = [];
  #isClosed = false;
  #isDestroyed = false;
  #waiting: Subscription | undefined;
  #failure = '';

  constructor(socket: WebSocketLike, options: WebSocketTransportOptions) {
    assertSizes(options);
    this.#maxBufferedAmount = options.maxBufferedAmount ?? 256 * 1024;
    this.#input = new PushedInput(options);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => this.#opened());
    socket.addEventListener('message', ({ data }) => this.#received(data));
    // For good: the `ws` package throws an error that nobody listens for.
    socket.addEventListener('error', ({ message = '' }) => {
      this.#failure = message;
    });
    socket.addEventListener('close', (event) => this.#ended(event));
  }

  get incoming$() {
    return this.#input.incoming$;
  }

  write(batch: readonly Uint8Array[]): boolean {
    const { readyState } = this.#socket;
    if (readyState === CONNECTING) {
      this.#early.push(...batch);
      return false;
    }
    if (readyState !== OPEN || this.#isClosed) return false;
    this.#socket.send(joinBatch(batch));
    if (this.#socket.bufferedAmount < this.#maxBufferedAmount) return true;
    this.#drainedWhenHalfEmpty();
    return false;
  }

  pause(): void {
    this.#input.pause();
    this.#socket.pause?.();
  }

  resume(): void {
    this.#socket.resume?.();
    this.#input.resume();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#socket.readyState === OPEN) this.#socket.close(NORMAL);
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#waiting?.unsubscribe();
    if (this.#socket.terminate) this.#socket.terminate();
    else this.#socket.close();
  }

  #opened(): void {
    if (this.#isDestroyed) return;
    if (this.#early.length > 0) {
      this.#socket.send(joinBatch(this.#early.splice(0)));
      this.#drainedWhenHalfEmpty();
    }
    if (this.#isClosed) this.#socket.close(NORMAL);
  }

  #received(data: unknown): void {
    this.#message$.next();
    try {
      this.#input.push(bytesOf(data));
    } catch (cause) {
      this.#input.end({ cause });
    }
  }

  #ended({ code = ABNORMAL, reason = '' }: WebSocketEvent): void {
    this.#waiting?.unsubscribe();
    const cause = closeError(code, reason || this.#failure, this.#isClosed ? 0 : this.#socket.bufferedAmount);
    this.#input.end(cause && { cause });
    this.flushed$.complete();
  }

  /**
   * No event tells that a WebSocket has sent. The delay between two looks doubles, so that a few are enough however
   * slow the link is, and the second half is not gone before the look that finds the first one gone. Messages are
   * occasions too, which a background tab's timers are hardly.
   */
  #drainedWhenHalfEmpty(): void {
    const delays$ = of(0).pipe(expand((_, index) => timer(Math.min(FIRST_DELAY * 2 ** index, LAST_DELAY))));
    this.#waiting = merge(delays$, this.#message$)
      .pipe(
        filter((_, look) => look > 0 && this.#socket.bufferedAmount <= this.#maxBufferedAmount / 2),
        take(1),
      )
      .subscribe(() => this.drained$.next());
  }
}

const CONNECTING = 0;
const OPEN = 1;
const NORMAL = 1000;
const ABNORMAL = 1006;
const FIRST_DELAY = 4;
const LAST_DELAY = 1024;
