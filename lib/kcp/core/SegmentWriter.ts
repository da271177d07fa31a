import { SEGMENT_HEADER_SIZE, SegmentHeader } from './segment.js';

/** Packs segments into datagrams, as many as fit. */
export class SegmentWriter {
  readonly #output: (datagram: Uint8Array) => void;
  readonly #header = new SegmentHeader();
  readonly #datagram: Uint8Array;
  #size = 0;

  /**
   * @param mtu the largest datagram, in bytes
   * @param output gets each datagram, whose bytes are overwritten when it returns
   */
  constructor(conversation: number, mtu: number, output: (datagram: Uint8Array) => void) {
    this.#output = output;
    this.#header.conversation = conversation;
    this.#datagram = new Uint8Array(mtu);
  }

  /** What all segments tell from now on: our free slots, and below which number we have everything. */
  tell(window: number, una: number): void {
    this.#header.window = window;
    this.#header.una = una;
  }

  write(command: number, number: number, timestamp: number, payload: Uint8Array): void {
    if (this.#size + SEGMENT_HEADER_SIZE + payload.length > this.#datagram.length) this.emit();
    const header = this.#header;
    header.command = command;
    header.timestamp = timestamp;
    header.number = number;
    header.length = payload.length;
    header.write(this.#datagram, this.#size);
    this.#datagram.set(payload, this.#size + SEGMENT_HEADER_SIZE);
    this.#size += SEGMENT_HEADER_SIZE + payload.length;
  }

  /** Puts out what was written. */
  emit(): void {
    if (this.#size === 0) return;
    const size = this.#size;
    this.#size = 0;
    this.#output(this.#datagram.subarray(0, size));
  }
}
