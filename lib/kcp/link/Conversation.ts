import { AsyncSubject, map, Observable, Subject, type Subscriber, takeUntil, timer } from 'rxjs';
import { type TransportInfo } from '../../transport/Transport.js';
import { Kcp } from '../core/Kcp.js';
import { type DatagramCipher } from '../datagram/DatagramCipher.js';
import { DatagramWriter } from '../datagram/DatagramWriter.js';
import { FecDecoder } from '../fec/FecDecoder.js';
import { FecEncoder } from '../fec/FecEncoder.js';
import { FEC_HEADER_SIZE, FecKind, fecKindOf } from '../fec/fecHeader.js';
import { type ResolvedKcpOptions } from '../options.js';
import { Alarm } from './Alarm.js';
import { byteCoder } from './ByteCoder.js';
import { joinRun } from './joinRun.js';
import { type KcpStats, type KcpTransport } from './KcpTransport.js';
import { monotonicNow } from './monotonicNow.js';

/** What a conversation needs of the socket. */
export interface ConversationHost {
  readonly options: ResolvedKcpOptions;
  readonly cipher: DatagramCipher;
  readonly info: TransportInfo;
  /** Sends datagrams; returns whether they have left, so that their bytes may be overwritten. */
  send(datagrams: readonly Uint8Array[]): boolean;
  /** The conversation is over. */
  released(): void;
}

/**
 * Drives a {@link Kcp} by a real clock, and joins it to a session above and to datagrams below.
 *
 * ```text
 * write ──► ByteCoder ──► Kcp ──► FecEncoder ──► DatagramWriter ──► send
 * incoming$ ◄── ByteCoder ◄── Kcp ◄── FecDecoder ◄── receive
 * ```
 *
 * What a datagram brings about waits until all those that arrived with it have been read, and happens once.
 */
export class Conversation implements KcpTransport {
  readonly number: number;
  readonly incoming$: Observable<Uint8Array>;
  readonly drained$ = new Subject<void>();
  readonly flushed$ = new Subject<never>();
  readonly info: TransportInfo;
  isDestroyed = false;
  readonly #host: ConversationHost;
  readonly #kcp: Kcp;
  readonly #coder;
  readonly #writer: DatagramWriter;
  readonly #fecEncoder: FecEncoder | undefined;
  #fecDecoder: FecDecoder | undefined;
  readonly #released$ = new AsyncSubject<void>();
  #subscriber: Subscriber<Uint8Array> | undefined;
  #isPaused = false;
  #isFull = false;
  #isClosing = false;
  #failure: unknown;
  #immediate: NodeJS.Immediate | undefined;
  // Acknowledgements may have arrived while other work was done: they are read before segments count as lost.
  readonly #alarm = new Alarm(() => this.#wake());
  #closeTimer: NodeJS.Timeout | undefined;
  #heardAt = monotonicNow();
  #datagramsSent = 0;
  #datagramsReceived = 0;
  #datagramsRejected = 0;

  constructor(number: number, host: ConversationHost) {
    const { options, cipher } = host;
    const { dataShards, parityShards, mtu } = options;
    const hasFec = dataShards > 0;
    const mtuLeft = mtu - cipher.headerSize - cipher.trailerSize - (hasFec ? FEC_HEADER_SIZE : 0);
    this.number = number;
    this.info = host.info;
    this.#host = host;
    this.#coder = byteCoder(options.compression);
    this.#writer = new DatagramWriter(cipher, (datagrams) => {
      this.#datagramsSent += datagrams.length;
      return host.send(datagrams);
    });
    const write = (...parts: readonly Uint8Array[]) => this.#writer.write(...parts);
    this.#fecEncoder = hasFec ? new FecEncoder(dataShards, parityShards, mtuLeft, write) : undefined;
    this.#kcp = new Kcp({ ...options, conversation: number, mtu: mtuLeft }, (datagram) => this.#put(datagram));
    this.incoming$ = new Observable((subscriber) => {
      this.#subscriber = subscriber;
      this.#wake();
      return () => {
        this.#subscriber = undefined;
      };
    });
  }

  /** The peer is where our datagrams go. */
  get isConfirmed(): boolean {
    return this.#kcp.isConfirmed;
  }

  get stats(): KcpStats {
    const kcp = this.#kcp;
    const { sent, received, repeated, timedOut, fastResent } = kcp.counters;
    return {
      rtt: kcp.rtt.rtt,
      rto: kcp.rtt.rto,
      segmentsSent: sent,
      segmentsReceived: received,
      segmentsRepeated: repeated,
      timedOut,
      fastResent,
      loss: sent === 0 ? 0 : (timedOut + fastResent) / sent,
      underWay: kcp.underWay,
      remoteWindow: kcp.remoteWindow,
      receiveWindow: kcp.receiveWindow,
      datagramsSent: this.#datagramsSent,
      datagramsReceived: this.#datagramsReceived,
      datagramsRebuilt: this.#fecDecoder?.rebuiltCount ?? 0,
      datagramsRejected: this.#datagramsRejected,
    };
  }

  get stats$(): Observable<KcpStats> {
    return timer(0, STATS_INTERVAL).pipe(
      map(() => this.stats),
      takeUntil(this.#released$),
    );
  }

  /** Takes the payload of a datagram, which must stay as it is. Returns whether it was part of the conversation. */
  receive(payload: Uint8Array): boolean {
    if (this.isDestroyed) return false;
    const kind = fecKindOf(payload);
    const now = monotonicNow();
    let isOurs: boolean;
    if (kind === undefined) {
      isOurs = this.#kcp.input(payload, now);
    } else {
      isOurs = kind !== FecKind.DATA || this.#kcp.input(payload.subarray(FEC_HEADER_SIZE), now);
      if (isOurs && kind !== FecKind.OUT_OF_BAND) this.#rebuild(payload, now);
    }
    if (!isOurs) {
      this.reject();
      return false;
    }
    this.#datagramsReceived++;
    this.#heardAt = now;
    this.#wake();
    return true;
  }

  /** Counts a datagram that was not for us. */
  reject(): void {
    this.#datagramsRejected++;
  }

  /** Asks the peer for a sign of life. */
  ask(): void {
    this.#kcp.askWindow();
    this.#flush();
  }

  /** The link is broken. */
  fail(cause: unknown): void {
    this.#failure ??= cause;
    this.#wake();
  }

  write(batch: readonly Uint8Array[]): boolean {
    if (this.isDestroyed || this.#isClosing) return true;
    this.#coder.encode(batch, (bytes) => this.#kcp.send(bytes));
    this.#flush();
    this.#isFull = this.#kcp.isFull;
    return !this.#isFull;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#wake();
  }

  close(): void {
    if (this.#isClosing || this.isDestroyed) return;
    this.#isClosing = true;
    this.#wake();
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    clearImmediate(this.#immediate);
    this.#alarm.clear();
    clearTimeout(this.#closeTimer);
    // The last acknowledgements, for there is nobody to answer when the peer sends again.
    this.#kcp.flushAcks();
    this.#writer.flush();
    this.#subscriber = undefined;
    this.flushed$.complete();
    this.#released$.next();
    this.#released$.complete();
    this.#host.released();
  }

  #put(datagram: Uint8Array): void {
    if (this.#fecEncoder) this.#fecEncoder.write(datagram);
    else this.#writer.write(datagram);
  }

  #rebuild(datagram: Uint8Array, now: number): void {
    this.#fecDecoder ??= new FecDecoder();
    for (const payload of this.#fecDecoder.push(datagram)) this.#kcp.input(payload, now, true);
  }

  /** Does what is to be done behind the datagrams that are being read. */
  #wake(): void {
    if (this.isDestroyed) return;
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      this.#settle();
    });
  }

  #settle(): void {
    this.#deliver();
    if (this.isDestroyed) return;
    if (this.#failure !== undefined) {
      this.#subscriber?.error(this.#failure);
      return;
    }
    const delay = this.#kcp.delay(monotonicNow());
    if (this.#kcp.isFlushDue || delay === 0) {
      this.#flush();
    } else {
      if (this.#kcp.isAckDue) this.#kcp.flushAcks();
      this.#writer.flush();
      this.#alarm.set(delay);
    }
    this.#drain();
  }

  #deliver(): void {
    try {
      while (this.#subscriber !== undefined && !this.#isPaused) {
        const bytes = joinRun(this.#shift, MAX_RUN);
        if (bytes === undefined) return;
        this.#coder.decode(bytes, this.#next);
      }
    } catch (cause) {
      this.#subscriber?.error(cause);
    }
  }

  readonly #shift = (): Uint8Array | undefined => this.#kcp.shift();

  readonly #next = (bytes: Uint8Array): void => this.#subscriber?.next(bytes);

  #drain(): void {
    if (this.#isFull && !this.#kcp.isFull) {
      this.#isFull = false;
      this.drained$.next();
    }
    if (this.#isClosing && this.#kcp.unsent === 0 && this.#closeTimer === undefined) {
      this.flushed$.complete();
      // KCP has no end of its own. For a while the peer may still send again what we have acknowledged.
      this.#closeTimer = setTimeout(() => this.#subscriber?.complete(), this.#kcp.rtt.rto);
    }
  }

  #flush(): void {
    const now = monotonicNow();
    this.#kcp.flush(now);
    this.#writer.flush();
    this.#alarm.set(this.#kcp.delay(now));
    if (this.#kcp.transmissions >= DEAD_LINK && now - this.#heardAt > DEAD_AFTER) {
      this.fail(new Error(`a segment was sent ${DEAD_LINK} times, and nothing was heard for ${DEAD_AFTER} ms`));
    }
  }
}

const STATS_INTERVAL = 1000;
// Segments that are handed on in one piece: a copy costs less than the way of many small chunks through the session.
const MAX_RUN = 48;
const DEAD_LINK = 20;
const DEAD_AFTER = 10_000;
