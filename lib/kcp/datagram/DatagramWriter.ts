import { ALIGNMENT, type DatagramCipher } from './DatagramCipher.js';

/**
 * Gathers payloads and seals them together, as ciphers and sockets like it.
 *
 * ```text
 * write ──► slab ──► seal ──► send
 * ```
 */
export class DatagramWriter {
  readonly #cipher: DatagramCipher;
  readonly #send: (datagrams: readonly Uint8Array[]) => boolean;
  #slab = new Uint8Array(MIN_SLAB_SIZE);
  readonly #starts: number[] = [];
  readonly #sizes: number[] = [];
  #end = 0;

  /** @param send returns whether the datagrams have left, so that their bytes may be overwritten */
  constructor(cipher: DatagramCipher, send: (datagrams: readonly Uint8Array[]) => boolean) {
    this.#cipher = cipher;
    this.#send = send;
  }

  /** Takes the parts of a payload, which are copied. */
  write(...parts: readonly Uint8Array[]): void {
    const { headerSize, trailerSize } = this.#cipher;
    let size = headerSize + trailerSize;
    for (const part of parts) size += part.length;
    if (this.#end + size > this.#slab.length) this.#makeRoom();
    const start = this.#end;
    let at = start + headerSize;
    for (const part of parts) {
      this.#slab.set(part, at);
      at += part.length;
    }
    this.#starts.push(start);
    this.#sizes.push(size);
    this.#end = start + Math.ceil(size / ALIGNMENT) * ALIGNMENT;
  }

  /** Sends what was gathered. */
  flush(): void {
    if (this.#starts.length === 0) return;
    const sealed = this.#cipher.seal({
      bytes: this.#slab,
      starts: this.#starts,
      sizes: this.#sizes,
      end: this.#end,
    });
    const datagrams = this.#starts.map((start, index) =>
      sealed.subarray(start, start + (this.#sizes[index] as number)),
    );
    this.#starts.length = 0;
    this.#sizes.length = 0;
    this.#end = 0;
    if (!this.#send(datagrams)) this.#slab = new Uint8Array(this.#slab.length);
  }

  #makeRoom(): void {
    this.flush();
    if (this.#slab.length < MAX_SLAB_SIZE) this.#slab = new Uint8Array(2 * this.#slab.length);
  }
}

// From one datagram of any size to many of them; multiples of the alignment.
const MIN_SLAB_SIZE = 2048;
const MAX_SLAB_SIZE = 65_536;
