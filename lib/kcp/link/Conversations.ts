import { SEGMENT_HEADER_SIZE, SegmentCommand, SegmentHeader } from '../core/segment.js';
import { type DatagramCipher } from '../datagram/DatagramCipher.js';
import { DatagramWriter } from '../datagram/DatagramWriter.js';
import { FEC_HEADER_SIZE, FecKind, fecKindOf } from '../fec/fecHeader.js';
import { type ResolvedKcpOptions } from '../options.js';
import { Conversation } from './Conversation.js';

/** An address that datagrams come from and go to. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What the conversations of a server need. */
export interface ConversationsHost {
  readonly options: ResolvedKcpOptions;
  readonly cipher: DatagramCipher;
  /** Conversations at most whose peer has not shown that it gets our datagrams. */
  readonly backlog: number;
  readonly local: Endpoint;
  /** Returns whether all have left. */
  send(datagrams: readonly Uint8Array[], to: Endpoint): boolean;
  /** Whether new ones are welcome. */
  isOpen(): boolean;
  /** There is a new one. */
  opened(conversation: Conversation): void;
}

/**
 * The conversations of a server, one for each address that they come from; one whose client's address changes is lost.
 *
 * ```text
 * datagram ──► open ──► whose address? ──► the right conversation? ──► its receive
 *                 └ no: counted      └ nobody's: PUSH near the beginning? a new one
 * ```
 *
 * Only a datagram sealed with the key has an effect. What a captured one that comes again, or one under a false address, may
 * do is bounded: those who never show that they get our datagrams are `backlog` at most, of which the oldest makes way.
 */
export class Conversations {
  /** Datagrams that were not sealed with our key, or meant nothing. */
  rejectedCount = 0;
  readonly #host: ConversationsHost;
  readonly #byAddress = new Map<string, Conversation>();
  /** In the order they were opened. */
  readonly #unconfirmed = new Set<Conversation>();
  /** Those that have ended here, whose clients may not know. */
  readonly #ended = new Set<string>();
  readonly #header = new SegmentHeader();

  constructor(host: ConversationsHost) {
    this.#host = host;
  }

  /** Takes a payload, or undefined for a datagram that was not sealed with our key. Returns false for that, or what is nothing that we know. */
  receive(payload: Uint8Array | undefined, from: Endpoint): boolean {
    const isTaken = payload !== undefined && this.#dispatch(payload, from);
    if (!isTaken) this.rejectedCount++;
    return isTaken;
  }

  #dispatch(payload: Uint8Array, from: Endpoint): boolean {
    const key = `${from.address}|${from.port}`;
    const known = this.#byAddress.get(key);
    const kind = fecKindOf(payload);
    if (kind !== undefined && kind !== FecKind.DATA) return known?.receive(payload) ?? true;

    const at = kind === undefined ? 0 : FEC_HEADER_SIZE;
    if (payload.length < at + SEGMENT_HEADER_SIZE) return false;
    this.#header.read(payload, at);
    if (known?.number === this.#header.conversation) {
      const isTaken = known.receive(payload);
      if (known.isConfirmed) this.#unconfirmed.delete(known);
      return isTaken;
    }
    return this.#meet(payload, from, key, known);
  }

  /** A datagram of a conversation that is not there. */
  #meet(payload: Uint8Array, from: Endpoint, key: string, known: Conversation | undefined): boolean {
    const { command, number, conversation } = this.#header;
    if (!this.#host.isOpen()) return true;
    if (command === SegmentCommand.ASK_WINDOW) {
      this.#answer(conversation, from);
      return true;
    }
    if (command !== SegmentCommand.PUSH)
      return command === SegmentCommand.ACK || command === SegmentCommand.TELL_WINDOW;
    // In the middle of a conversation, nothing can be made of it any more. Another one at this address is given up only for one that begins.
    const isNearBeginning = number < (known === undefined ? this.#host.options.receiveWindow : 1);
    if (!isNearBeginning || this.#ended.has(nameOf(conversation, key))) return true;
    known?.fail(new Error('its client has begun another conversation'));
    const opened = this.#open(conversation, from, key);
    return opened.receive(payload);
  }

  #open(number: number, to: Endpoint, key: string): Conversation {
    const { options, cipher, backlog, local } = this.#host;
    const conversation: Conversation = new Conversation(number, {
      options,
      cipher,
      info: { localAddress: local.address, localPort: local.port, remoteAddress: to.address, remotePort: to.port },
      send: (datagrams) => this.#host.send(datagrams, to),
      released: () => this.#release(conversation, key),
    });
    this.#byAddress.set(key, conversation);
    this.#unconfirmed.add(conversation);
    if (this.#unconfirmed.size > backlog) {
      const [oldest] = this.#unconfirmed;
      oldest?.fail(new Error(`${backlog} newer conversations wait for a sign that their peer gets our datagrams`));
      if (oldest) this.#unconfirmed.delete(oldest);
    }
    this.#host.opened(conversation);
    return conversation;
  }

  #release(conversation: Conversation, key: string): void {
    this.#unconfirmed.delete(conversation);
    if (this.#byAddress.get(key) === conversation) this.#byAddress.delete(key);
    this.#ended.add(nameOf(conversation.number, key));
    if (this.#ended.size > MAX_ENDED) this.#ended.delete(this.#ended.values().next().value as string);
  }

  /** A client that dials asks for the window. That takes no conversation yet, and the answer is no larger than the question. */
  #answer(conversation: number, to: Endpoint): void {
    const header = new SegmentHeader();
    header.conversation = conversation;
    header.command = SegmentCommand.TELL_WINDOW;
    header.window = this.#host.options.receiveWindow;
    const bytes = new Uint8Array(SEGMENT_HEADER_SIZE);
    header.write(bytes, 0);
    const writer = new DatagramWriter(this.#host.cipher, (datagrams) => this.#host.send(datagrams, to));
    writer.write(bytes);
    writer.flush();
  }
}

function nameOf(conversation: number, key: string): string {
  return `${conversation}|${key}`;
}

const MAX_ENDED = 1024;
