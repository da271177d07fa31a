import { Kcp, type KcpSettings } from '../../../lib/kcp/core/Kcp.js';

/** What the network between two conversations does, the same both ways. Probabilities are from 0 to 1. */
export interface Weather {
  readonly loss?: number;
  readonly duplication?: number;
  /** Probability that a byte of a datagram is changed, and the datagram therefore dropped, as a checksum would have it. */
  readonly corruption?: number;
  /** Milliseconds, and what is added at random, so that datagrams overtake each other. */
  readonly latency?: number;
  readonly jitter?: number;
  /** Bytes a millisecond, behind a queue of so many bytes. */
  readonly bandwidth?: number;
  readonly queue?: number;
}

export const SETTINGS: KcpSettings = {
  conversation: 0x0c4d038f,
  mtu: 1400,
  sendWindow: 128,
  receiveWindow: 128,
  nodelay: true,
  interval: 10,
  resend: 2,
  congestionControl: 'none',
  ackNoDelay: false,
};

/** Two conversations in virtual time over a network whose mischief a seed decides. */
export class VirtualPair {
  readonly ends: readonly [VirtualEnd, VirtualEnd];
  now: number;
  /** Milliseconds since the beginning. */
  elapsed = 0;
  readonly #events: { at: number; order: number; run: () => void }[] = [];
  readonly #weather: Weather;
  #random: number;
  #order = 0;

  constructor(settings: readonly [Partial<KcpSettings>, Partial<KcpSettings>], weather: Weather, seed = 1, start = 0) {
    this.now = start >>> 0;
    this.#weather = weather;
    this.#random = seed;
    const busyUntil = [0, 0];
    const make = (side: 0 | 1): VirtualEnd =>
      new VirtualEnd({ ...SETTINGS, ...settings[side] }, (datagram) => this.#carry(datagram, side, busyUntil));
    this.ends = [make(0), make(1)];
  }

  /** Seeded; from 0 to 1. */
  random(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#random / 2 ** 32;
  }

  /** Lets time pass until the condition holds. Returns whether it did. */
  run(isDone: () => boolean, limit = 600_000): boolean {
    for (const end of this.ends) end.settle(this.now);
    while (!isDone()) {
      const delays = this.ends.map((end) => end.kcp.delay(this.now));
      const event = this.#events[0];
      const wait = Math.min(...delays, event === undefined ? Number.POSITIVE_INFINITY : event.at - this.elapsed);
      if (wait === Number.POSITIVE_INFINITY || this.elapsed + wait > limit) return false;
      this.elapsed += wait;
      this.now = (this.now + wait) >>> 0;
      if (event !== undefined && event.at <= this.elapsed) {
        this.#events.shift();
        event.run();
      }
      for (const end of this.ends) if (end.kcp.delay(this.now) === 0) end.flush(this.now);
    }
    return true;
  }

  #carry(datagram: Uint8Array, from: 0 | 1, busyUntil: number[]): void {
    const {
      loss = 0,
      duplication = 0,
      corruption = 0,
      latency = 5,
      jitter = 0,
      bandwidth,
      queue = 64_000,
    } = this.#weather;
    let leaves = this.elapsed;
    if (bandwidth !== undefined) {
      const begins = Math.max(this.elapsed, busyUntil[from] as number);
      if ((begins - this.elapsed) * bandwidth + datagram.length > queue) return;
      leaves = begins + datagram.length / bandwidth;
      busyUntil[from] = leaves;
    }
    if (this.random() < loss || this.random() < corruption) return;
    const copies = this.random() < duplication ? 2 : 1;
    const bytes = datagram.slice();
    for (let copy = 0; copy < copies; copy++) {
      const at = Math.ceil(leaves + latency + jitter * this.random());
      this.#schedule(at, () => this.ends[from === 0 ? 1 : 0].receive(bytes, this.now));
    }
  }

  #schedule(at: number, run: () => void): void {
    const event = { at, order: this.#order++, run };
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#events[middle] as { at: number; order: number };
      if (other.at < at || (other.at === at && other.order < event.order)) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }
}

/** A conversation with a writer that waits for room, and a reader that may be stopped. */
export class VirtualEnd {
  readonly kcp: Kcp;
  readonly received: Uint8Array[] = [];
  receivedSize = 0;
  isReading = true;
  datagramCount = 0;
  #toSend: Uint8Array[] = [];

  constructor(settings: KcpSettings, output: (datagram: Uint8Array) => void) {
    this.kcp = new Kcp(settings, (datagram) => {
      this.datagramCount++;
      output(datagram);
    });
  }

  write(...chunks: readonly Uint8Array[]): void {
    this.#toSend.push(...chunks);
  }

  receive(datagram: Uint8Array, now: number): void {
    this.kcp.input(datagram, now);
    this.settle(now);
  }

  resume(now: number): void {
    this.isReading = true;
    this.settle(now);
  }

  /** What a driver does after each input. */
  settle(now: number): void {
    while (this.isReading) {
      const chunk = this.kcp.shift();
      if (chunk === undefined) break;
      this.received.push(chunk);
      this.receivedSize += chunk.length;
    }
    const hasWritten = this.#write();
    if (this.kcp.isFlushDue || hasWritten) this.flush(now);
    else if (this.kcp.isAckDue) this.kcp.flushAcks();
  }

  flush(now: number): void {
    this.kcp.flush(now);
    if (this.#write()) this.kcp.flush(now);
  }

  #write(): boolean {
    let hasWritten = false;
    while (!this.kcp.isFull) {
      const chunk = this.#toSend.shift();
      if (chunk === undefined) break;
      this.kcp.send(chunk);
      hasWritten = true;
    }
    return hasWritten;
  }
}
