import { type DatagramCipher } from './DatagramCipher.js';

/**
 * Gathers datagrams that arrive together and opens them together, as ciphers like it.
 *
 * ```text
 * push ──► gathered ──► open ──► receive
 * ```
 *
 * @typeParam From what is known of where a datagram comes from
 */
export class DatagramReader<From> {
  readonly #cipher: DatagramCipher;
  readonly #receive: (payload: Uint8Array | undefined, from: From) => void;
  #datagrams: Uint8Array[] = [];
  #origins: From[] = [];
  #size = 0;
  #immediate: NodeJS.Immediate | undefined;

  /** @param receive gets the payloads in the order of the datagrams; undefined for one that was not sealed with our key */
  constructor(cipher: DatagramCipher, receive: (payload: Uint8Array | undefined, from: From) => void) {
    this.#cipher = cipher;
    this.#receive = receive;
  }

  /** Takes a datagram, which nobody else may use any more. */
  push(datagram: Uint8Array, from: From): void {
    this.#datagrams.push(datagram);
    this.#origins.push(from);
    this.#size += datagram.length;
    if (this.#size >= MAX_SIZE) this.#open();
    else this.#immediate ??= setImmediate(() => this.#open());
  }

  #open(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    const origins = this.#origins;
    const payloads = this.#cipher.open(this.#datagrams);
    this.#datagrams = [];
    this.#origins = [];
    this.#size = 0;
    for (let index = 0; index < payloads.length; index++) this.#receive(payloads[index], origins[index] as From);
  }
}

// Bytes; one datagram more may be there.
const MAX_SIZE = 65_536;
