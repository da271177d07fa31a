import { type Observable, Subject, tap } from 'rxjs';
import { ProtocolError } from '../errors.js';
import { type Transport } from '../transport/Transport.js';
import { assertSizes } from './assertSizes.js';
import { bytesOf } from './bytesOf.js';
import { joinBatch } from './joinBatch.js';
import { PushedInput, type PushedInputOptions } from './PushedInput.js';

/** What is needed of a `MessagePort`. */
export interface MessagePortLike {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: string, listener: (event: { readonly type: string; readonly data?: unknown }) => void): void;
  start(): void;
  close(): void;
}

/**
 * Makes one end of a `MessageChannel`, to a worker or an iframe, the link of a session; the other end must be one too.
 * The transport owns the port from now on.
 *
 * A port knows neither back-pressure nor, everywhere, the end of its peer. So these are messages:
 *
 * | message | |
 * |---|---|
 * | an `ArrayBuffer` | bytes: a copy of what was written, transferred |
 * | a number | so many bytes have been taken in; while too many have not, the writer waits |
 * | `null` | no bytes will follow |
 * @throws RangeError for a bad option
 */
export function messagePortTransport(port: MessagePortLike, options: PushedInputOptions = {}): Transport {
  return new MessagePortTransport(port, options);
}

class MessagePortTransport implements Transport {
  readonly info = {};
  readonly drained$ = new Subject<void>();
  readonly incoming$: Observable<Uint8Array>;
  readonly #port: MessagePortLike;
  readonly #input: PushedInput;
  /** Bytes that the other end has not taken in. */
  #underWay = 0;
  #isWaiting = false;
  #isClosed = false;
  #isDestroyed = false;

  constructor(port: MessagePortLike, options: PushedInputOptions) {
    assertSizes(options);
    this.#port = port;
    this.#input = new PushedInput(options);
    this.incoming$ = this.#input.incoming$.pipe(tap(({ length }) => this.#post(length)));
    port.addEventListener('message', ({ data }) => this.#received(data));
    port.addEventListener('messageerror', () => this.#received(undefined));
    // Where the platform tells that the other end is gone: it may have had no time to say so.
    port.addEventListener('close', () => this.#input.end());
    port.start();
  }

  write(batch: readonly Uint8Array[]): boolean {
    if (this.#isClosed) return false;
    const { buffer } = joinBatch(batch);
    this.#underWay += buffer.byteLength;
    this.#post(buffer, [buffer]);
    this.#isWaiting = this.#underWay >= MAX_UNDER_WAY;
    return !this.#isWaiting;
  }

  pause(): void {
    this.#input.pause();
  }

  resume(): void {
    this.#input.resume();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#post(null);
  }

  destroy(): void {
    this.close();
    this.#isDestroyed = true;
    this.#port.close();
  }

  #post(message: ArrayBuffer | number | null, transfer: ArrayBuffer[] = []): void {
    if (!this.#isDestroyed) this.#port.postMessage(message, transfer);
  }

  #received(message: unknown): void {
    try {
      if (message === null) this.#input.end();
      else if (typeof message === 'number') this.#taken(message);
      else this.#input.push(bytesOf(message));
    } catch (cause) {
      this.#input.end({ cause });
    }
  }

  #taken(size: number): void {
    if (!(size >= 0 && size <= this.#underWay)) {
      throw new ProtocolError('SMUX_ERR_MESSAGE', `the other end has taken in ${size} of ${this.#underWay} bytes`);
    }
    this.#underWay -= size;
    if (!this.#isWaiting || this.#underWay > MAX_UNDER_WAY / 2) return;
    this.#isWaiting = false;
    this.drained$.next();
  }
}

const MAX_UNDER_WAY = 256 * 1024;
