import { lookup } from 'node:dns';
import { Observable, type Observer } from 'rxjs';
import { type ListeningAddress } from '../node/listen.js';
import { resolveOptions, type SmuxOptions } from '../options.js';
import { createSession } from '../session.js';
import { type KcpSession } from './connectKcp.js';
import { createCipher } from './datagram/createCipher.js';
import { DatagramReader } from './datagram/DatagramReader.js';
import { Conversations, type Endpoint } from './link/Conversations.js';
import { monotonicNow } from './link/monotonicNow.js';
import { UdpSocket } from './link/UdpSocket.js';
import { type KcpOptions, type ResolvedKcpOptions, resolveKcpOptions } from './options.js';

/** Where to listen, and how KCP and the sessions shall behave. */
export interface ListenKcpOptions extends KcpOptions, SmuxOptions {
  /** Default: every address, of IPv4 and IPv6 */
  readonly host?: string;
  /** `0` for one that is free. */
  readonly port: number;
  /**
   * Sessions at most whose client has not yet shown that it gets our datagrams; the oldest makes way for one more. Bounds what
   * captured datagrams and false addresses can do.
   * @defaultValue `128`
   */
  readonly backlog?: number;
  /** Gets the address when it is bound. */
  readonly listeningObserver?: Partial<Observer<ListeningAddress>>;
  /** Told of datagrams that are not sealed with our key, at most once in 10 seconds. */
  readonly onConnectionError?: (error: Error) => void;
  /** Unsubscribing closes the live sessions too; without it they go on, and the socket with them. Default: `false` */
  readonly closeSessions?: boolean;
}

/**
 * A session for each client that sends its first bytes over KCP. Errors only when it cannot bind; unsubscribing stops listening.
 *
 * A client that goes away is noticed by its silence, after `keepAliveTimeout`: KCP has no end of its own.
 * @throws RangeError for a bad option
 */
export function listenKcp(options: ListenKcpOptions): Observable<KcpSession> {
  resolveOptions({ ...options, role: 'server' });
  const kcp = resolveKcpOptions(options);
  const { backlog = 128, port } = options;
  if (!Number.isInteger(backlog) || backlog < 1) throw new RangeError(`backlog must be at least 1, got ${backlog}`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(`port must be from 0 to 65535, got ${port}`);
  return new Observable((subscriber) => {
    const listener = new Listener(options, kcp, backlog, {
      opened: (session) => subscriber.next(session),
      failed: (cause) => subscriber.error(cause),
    });
    subscriber.add(() => listener.stop());
  });
}

class Listener {
  readonly #options: ListenKcpOptions;
  readonly #kcp: ResolvedKcpOptions;
  readonly #backlog: number;
  readonly #observer: { opened(session: KcpSession): void; failed(cause: Error): void };
  readonly #sessions = new Set<KcpSession>();
  #socket: UdpSocket | undefined;
  #isStopped = false;
  #isOpen = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    options: ListenKcpOptions,
    kcp: ResolvedKcpOptions,
    backlog: number,
    observer: { opened(session: KcpSession): void; failed(cause: Error): void },
  ) {
    this.#options = options;
    this.#kcp = kcp;
    this.#backlog = backlog;
    this.#observer = observer;
    const { host } = options;
    if (host === undefined) {
      // Machines without IPv6 are served all the same.
      this.#bind('::', () => this.#bind('0.0.0.0', (cause) => observer.failed(cause)));
    } else {
      lookup(host, (cause, address) => {
        if (this.#isStopped) return;
        if (cause) observer.failed(cause);
        else this.#bind(address, (error) => observer.failed(error));
      });
    }
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#options.closeSessions) for (const session of this.#sessions) session.close();
    this.#closeWhenDone();
  }

  #bind(address: string, failed: (cause: Error) => void): void {
    const udp = UdpSocket.for(address, this.#kcp.socketBuffer);
    const refused = (cause: Error) => {
      udp.socket.close();
      if (!this.#isStopped) failed(cause);
    };
    udp.socket.once('error', refused);
    udp.socket.bind({ address, port: this.#options.port, exclusive: true }, () => {
      udp.socket.off('error', refused);
      if (this.#isStopped) return void udp.socket.close();
      this.#socket = udp;
      this.#isOpen = true;
      udp.setBuffers();
      this.#serve(udp);
    });
  }

  #serve(udp: UdpSocket): void {
    const local = udp.socket.address();
    const cipher = createCipher(this.#kcp.crypt, this.#kcp.key);
    const conversations: Conversations = new Conversations({
      options: this.#kcp,
      cipher,
      backlog: this.#backlog,
      local,
      send: (datagrams, to) => this.#isOpen && udp.send(datagrams, to.port, to.address),
      isOpen: () => !this.#isStopped,
      opened: (conversation) => {
        const session = createSession(conversation, { ...this.#options, role: 'server' }) as KcpSession;
        this.#sessions.add(session);
        session.closed$.subscribe(() => {
          this.#sessions.delete(session);
          this.#closeWhenDone();
        });
        this.#observer.opened(session);
      },
    });
    const reader = new DatagramReader<Endpoint>(cipher, (payload, from) => {
      if (!conversations.receive(payload, from)) this.#tell(conversations.rejectedCount, from.address);
    });
    udp.socket.on('message', (datagram, from) => reader.push(datagram, from));
    const { listeningObserver } = this.#options;
    listeningObserver?.next?.({ address: local.address, port: local.port });
  }

  /** The socket is that of all sessions. */
  #closeWhenDone(): void {
    if (!this.#isStopped || !this.#isOpen || this.#sessions.size > 0) return;
    this.#isOpen = false;
    this.#socket?.socket.close();
    this.#options.listeningObserver?.complete?.();
  }

  #tell(count: number, address: string): void {
    const now = monotonicNow();
    if (now - this.#toldAt < TELL_INTERVAL) return;
    this.#toldAt = now;
    const datagrams = count === 1 ? 'a datagram' : `${count} datagrams so far`;
    const likely = 'key and crypt must be the same on both ends';
    this.#options.onConnectionError?.(
      new Error(`${datagrams}, now from ${address}, not sealed with our key: ${likely}`),
    );
  }
}

const TELL_INTERVAL = 10_000;
