import { AckList } from './AckList.js';
import { CongestionWindow } from './CongestionWindow.js';
import { RateWindow } from './RateWindow.js';
import { ReceiveBuffer } from './ReceiveBuffer.js';
import { RttEstimator } from './RttEstimator.js';
import { SegmentWriter } from './SegmentWriter.js';
import { SendBuffer } from './SendBuffer.js';
import { SendQueue } from './SendQueue.js';
import { SEGMENT_HEADER_SIZE, SegmentCommand, SegmentHeader } from './segment.js';
import { serialDiff } from './serialDiff.js';
import { WindowProbe } from './WindowProbe.js';

/** How a conversation behaves. */
export interface KcpSettings {
  readonly conversation: number;
  /** The largest datagram that is put out, in bytes. */
  readonly mtu: number;
  /** Segments under way at most. */
  readonly sendWindow: number;
  /** Segments held for the reader at most. */
  readonly receiveWindow: number;
  /** Shorter timeouts, which grow more slowly. */
  readonly nodelay: boolean;
  /** Between two flushes, in milliseconds. */
  readonly interval: number;
  /** So many acknowledgements of later segments make a segment lost; 0: only a timeout does. */
  readonly resend: number;
  /** What limits what is under way, beside the windows. */
  readonly congestionControl: 'window' | 'rate' | 'none';
  /** Acknowledges at once, not with the next flush. */
  readonly ackNoDelay: boolean;
  /** Where the numbers begin, which the wire fixes at 0. */
  readonly first?: { readonly sent: number; readonly received: number };
}

/** What has passed through a conversation. Segments, unless it says otherwise. */
export interface KcpCounters {
  sent: number;
  received: number;
  /** Received a second time. */
  repeated: number;
  timedOut: number;
  fastResent: number;
}

/**
 * One end of a KCP conversation: bytes in, datagrams out, and back, without a clock and without a socket.
 *
 * ```text
 *  send ──► SendQueue ──► SendBuffer ──► flush ──► output
 *  shift ◄── ReceiveBuffer ◄── input
 * ```
 *
 * Times are milliseconds of a clock that may begin anywhere, modulo 2^32. Whoever drives it calls `flush` when {@link isFlushDue} or
 * {@link isAckDue} says so after `input`, behind `send`, and when {@link delay} has passed.
 */
export class Kcp {
  /** The peer's free slots as it told last. */
  remoteWindow = INITIAL_REMOTE_WINDOW;
  readonly rtt: RttEstimator;
  readonly counters: KcpCounters = { sent: 0, received: 0, repeated: 0, timedOut: 0, fastResent: 0 };
  /** The most often that a segment under way has been sent. */
  transmissions = 0;
  /** Something has moved that lets segments go, or go again. */
  isFlushDue = false;
  /** The peer has returned the time of a segment of ours, as only somebody can who gets what we send. */
  isConfirmed = false;
  readonly #settings: KcpSettings;
  readonly #queue: SendQueue;
  readonly #sendBuffer: SendBuffer;
  readonly #receiveBuffer: ReceiveBuffer;
  readonly #acks = new AckList();
  readonly #probe = new WindowProbe();
  readonly #congestion: CongestionWindow | undefined;
  readonly #rate: RateWindow | undefined;
  readonly #header = new SegmentHeader();
  readonly #writer: SegmentWriter;
  readonly #maxAcks: number;
  #peerUna = 0;
  #mustAsk = false;
  #mustTell = false;
  #flushedAt = 0;

  /** @param output gets each datagram, whose bytes are overwritten when it returns */
  constructor(settings: KcpSettings, output: (datagram: Uint8Array) => void) {
    const { mtu, sendWindow, receiveWindow, interval, nodelay, first = { sent: 0, received: 0 } } = settings;
    const segmentSize = mtu - SEGMENT_HEADER_SIZE;
    this.#settings = settings;
    this.#queue = new SendQueue(segmentSize, sendWindow);
    this.#sendBuffer = new SendBuffer(sendWindow, first.sent, (block) => this.#queue.release(block));
    this.#receiveBuffer = new ReceiveBuffer(receiveWindow, first.received);
    this.#congestion = settings.congestionControl === 'window' ? new CongestionWindow(segmentSize) : undefined;
    this.#rate = settings.congestionControl === 'rate' ? new RateWindow(interval) : undefined;
    this.#writer = new SegmentWriter(settings.conversation, mtu, output);
    this.#maxAcks = Math.floor(mtu / SEGMENT_HEADER_SIZE);
    this.#peerUna = first.sent;
    this.rtt = new RttEstimator({ interval, minRto: nodelay ? MIN_RTO_NODELAY : MIN_RTO });
  }

  /** Segments that the peer has not acknowledged, and those that wait to be sent. */
  get unsent(): number {
    return this.#sendBuffer.size + this.#queue.size;
  }

  /** Segments under way. */
  get underWay(): number {
    return this.#sendBuffer.size;
  }

  /** Free slots for what the peer sends. */
  get receiveWindow(): number {
    return this.#receiveBuffer.room;
  }

  /** Whoever writes should wait. */
  get isFull(): boolean {
    return this.unsent >= Math.min(this.#settings.sendWindow, this.remoteWindow);
  }

  /** Acknowledgements should not wait any longer. */
  get isAckDue(): boolean {
    const { size } = this.#acks;
    return size >= this.#maxAcks || (size > 0 && this.#settings.ackNoDelay);
  }

  /** Bytes to be sent, which are copied. */
  send(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  /** The next bytes that have arrived in order: a view of the datagram that brought them. */
  shift(): Uint8Array | undefined {
    const wasFull = this.#receiveBuffer.room === 0;
    const payload = this.#receiveBuffer.shift();
    // A peer that was told to stop would go on only after asking.
    if (wasFull && payload !== undefined) {
      this.#mustTell = true;
      this.isFlushDue = true;
    }
    return payload;
  }

  /** Has the next flush ask for the peer's window, which shows whether there is a peer. */
  askWindow(): void {
    this.#mustAsk = true;
  }

  /**
   * Takes a datagram in, whose bytes must stay as they are. Returns false for what is no part of this conversation, of which
   * nothing is taken from the first bad segment on.
   * @param isRebuilt by forward error correction: it says nothing about time and window
   */
  input(datagram: Uint8Array, now: number, isRebuilt = false): boolean {
    const header = this.#header;
    const { una, unacknowledged } = this.#sendBuffer;
    this.#sendBuffer.beginInput(now);
    let rtt = -1;
    let at = 0;
    while (at + SEGMENT_HEADER_SIZE <= datagram.length) {
      header.read(datagram, at);
      at += SEGMENT_HEADER_SIZE;
      const { command, length, number, timestamp } = header;
      if (header.conversation !== this.#settings.conversation || length > datagram.length - at) return false;
      if (command < SegmentCommand.PUSH || command > SegmentCommand.TELL_WINDOW) return false;
      if (command === SegmentCommand.ACK && this.#sendBuffer.wasSentAt(number, timestamp)) this.isConfirmed = true;
      this.#readWindow(header, isRebuilt);
      if (this.#sendBuffer.acknowledgeBelow(header.una) > 0) this.isFlushDue = true;
      if (command === SegmentCommand.ACK) {
        // Skips first: they reach up to this number, which may be the end of what is under way.
        this.#sendBuffer.countSkips(number, timestamp, this.#settings.resend);
        // With a window that counts what is missing in between, this one makes room too.
        if (this.#sendBuffer.acknowledge(number) && this.#rate !== undefined) this.isFlushDue = true;
        rtt = serialDiff(now, timestamp);
      } else if (command === SegmentCommand.PUSH) {
        this.#push(datagram.subarray(at, at + length));
      } else if (command === SegmentCommand.ASK_WINDOW) {
        this.#mustTell = true;
      }
      at += length;
    }
    if (rtt >= 0 && !isRebuilt) {
      // The one that is acknowledged last was sent last: what waited longer says more, unless it waited for what was lost.
      if (!this.#sendBuffer.isSkipped) rtt = Math.max(rtt, this.#sendBuffer.longestWait);
      if (rtt <= MAX_RTT) this.rtt.sample(rtt);
    }
    const arrived = unacknowledged - this.#sendBuffer.unacknowledged;
    if (arrived > 0 && rtt >= 0) this.#rate?.delivered(arrived, now, rtt, this.rtt.rtt);
    if (this.#sendBuffer.una !== una) {
      this.transmissions = 0;
      this.#congestion?.acknowledged(this.remoteWindow);
    }
    if (this.#sendBuffer.isFastResendDue) this.isFlushDue = true;
    return at > 0;
  }

  /** Sends only the acknowledgements that wait. */
  flushAcks(): void {
    this.#writeAcks();
    this.#writer.emit();
  }

  /** Sends all that is due. */
  flush(now: number): void {
    const { sendWindow, nodelay, resend, interval } = this.#settings;
    this.isFlushDue = false;
    this.#flushedAt = now;
    this.#writeAcks();
    if (this.#probe.update(this.remoteWindow === 0, now)) this.#mustAsk = true;
    if (this.#mustAsk) this.#writeSignal(SegmentCommand.ASK_WINDOW, now);
    if (this.#mustTell) this.#writeSignal(SegmentCommand.TELL_WINDOW, now);
    this.#mustAsk = false;
    this.#mustTell = false;

    const buffer = this.#sendBuffer;
    const { rto } = this.rtt;
    const window = Math.min(sendWindow, this.remoteWindow, this.#congestion?.size ?? sendWindow);
    const isEarly = this.#queue.size === 0 || buffer.size >= window || this.#isHeldBack;
    buffer.collectDue(now, { fastResend: resend, isEarly, rto, backoff: nodelay ? rto >> 1 : rto, interval });
    for (const number of buffer.due) this.#writePush(number, now);
    this.counters.timedOut += buffer.timeoutCount;
    this.counters.fastResent += buffer.fastCount;
    while (buffer.size < window && !this.#isHeldBack) {
      const block = this.#queue.shift();
      if (block === undefined) break;
      this.#writePush(buffer.push(block, now, rto), now);
    }
    this.#writer.emit();
    if (this.unsent === 0) this.#queue.trim();

    if (buffer.fastCount > 0) this.#congestion?.skipped(buffer.size, resend);
    if (buffer.timeoutCount > 0) this.#congestion?.timedOut(window);
  }

  /** After how many milliseconds to flush, if nothing happens before; `Infinity` where there is nothing to wait for. */
  delay(now: number): number {
    const buffer = this.#sendBuffer;
    let delay = Number.POSITIVE_INFINITY;
    if (this.#acks.size > 0 || this.#mustTell || this.#mustAsk || buffer.isSkipped) {
      const { interval } = this.#settings;
      delay = Math.min(interval, interval - serialDiff(now, this.#flushedAt));
    }
    if (buffer.nextTimeoutAt !== undefined) delay = Math.min(delay, serialDiff(buffer.nextTimeoutAt, now));
    if (this.#probe.at !== undefined) delay = Math.min(delay, serialDiff(this.#probe.at, now));
    return Math.max(0, delay);
  }

  /** As much is under way as the network should have. */
  get #isHeldBack(): boolean {
    if (this.#rate === undefined || this.#sendBuffer.unacknowledged < this.#rate.size) return false;
    this.#rate.isLimiting = true;
    return true;
  }

  #push(payload: Uint8Array): void {
    const { number, timestamp } = this.#header;
    if (!this.#receiveBuffer.isBelowEnd(number)) return;
    this.#acks.push(number, timestamp);
    if (this.#receiveBuffer.insert(number, payload)) this.counters.received++;
    else this.counters.repeated++;
  }

  /** Datagrams overtake each other: what an older one tells of the window is out of date. */
  #readWindow({ una, window }: SegmentHeader, isRebuilt: boolean): void {
    if (isRebuilt || serialDiff(una, this.#peerUna) < 0 || serialDiff(una, this.#sendBuffer.next) > 0) return;
    this.#peerUna = una;
    this.remoteWindow = window;
  }

  #writeAcks(): void {
    const acks = this.#acks;
    const { next, room } = this.#receiveBuffer;
    this.#writer.tell(room, next);
    for (let index = 0; index < acks.size; index++) {
      const number = acks.numberAt(index);
      // What lies below `una` is acknowledged by it; one is sent all the same, for the peer to measure the round trip.
      if (serialDiff(number, next) < 0 && index < acks.size - 1) continue;
      this.#writer.write(SegmentCommand.ACK, number, acks.timestampAt(index), NOTHING);
    }
    acks.clear();
  }

  #writeSignal(command: number, now: number): void {
    this.#writer.write(command, 0, now, NOTHING);
  }

  #writePush(number: number, now: number): void {
    const { bytes, size } = this.#sendBuffer.blockOf(number);
    this.#writer.write(SegmentCommand.PUSH, number, now, size === bytes.length ? bytes : bytes.subarray(0, size));
    this.transmissions = Math.max(this.transmissions, this.#sendBuffer.transmissionsOf(number));
    this.counters.sent++;
  }
}

const NOTHING = new Uint8Array(0);
const INITIAL_REMOTE_WINDOW = 32;
const MIN_RTO = 100;
const MIN_RTO_NODELAY = 30;
const MAX_RTT = 60_000;
