import { type WebSocketEvent, type WebSocketEventType, type WebSocketLike } from '../../lib/web/index.js';

/** A WebSocket that does what a spec says. */
export class ScriptedWebSocket implements WebSocketLike {
  binaryType = 'blob';
  readyState = 0;
  readonly url: string;
  readonly protocols: readonly string[] | undefined;
  readonly sent: Uint8Array[] = [];
  /** The arguments of the calls of `close`. */
  readonly closings: (number | undefined)[] = [];
  /** How often somebody has looked at `bufferedAmount`. */
  looks = 0;
  #buffered = 0;
  readonly #listeners = new Map<string, Set<(event: WebSocketEvent) => void>>();

  constructor(url: string | URL = 'ws://scripted', protocols?: string | string[]) {
    this.url = String(url);
    this.protocols = protocols === undefined ? undefined : [protocols].flat();
  }

  get bufferedAmount(): number {
    this.looks++;
    return this.#buffered;
  }

  addEventListener(type: WebSocketEventType, listener: (event: WebSocketEvent) => void): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
  }

  removeEventListener(type: WebSocketEventType, listener: (event: WebSocketEvent) => void): void {
    this.#listeners.get(type)?.delete(listener);
  }

  send(message: Uint8Array): void {
    if (this.readyState === 0) throw new Error('the WebSocket is not open yet');
    if (this.readyState > 1) return;
    this.sent.push(message);
    this.#buffered += message.length;
  }

  close(code?: number): void {
    this.closings.push(code);
    if (this.readyState < 2) this.readyState = 2;
  }

  // What the network does.

  open(): void {
    this.readyState = 1;
    this.#emit({ type: 'open' });
  }

  receive(data: unknown): void {
    this.#emit({ type: 'message', data });
  }

  receiveBytes(bytes: Uint8Array): void {
    this.receive(new Uint8Array(bytes).buffer);
  }

  /** Bytes leave the buffer; by default, all. */
  drain(size = this.#buffered): void {
    this.#buffered = Math.max(0, this.#buffered - size);
  }

  fail(message?: string): void {
    this.#emit({ type: 'error', ...(message && { message }) });
    this.end(1006);
  }

  end(code: number, reason = ''): void {
    this.readyState = 3;
    this.#emit({ type: 'close', code, reason });
  }

  #emit(event: WebSocketEvent): void {
    for (const listener of [...(this.#listeners.get(event.type) ?? [])]) listener(event);
  }
}
