/** One way of having many byte channels between two processes. What every task is written against. */
export interface Peer {
  /** Listens on a free port of the loopback. @returns the port */
  listen(serve: (link: Link) => void): Promise<number>;
  connect(port: number): Promise<Link>;
}

/** What connects the two processes. */
export interface Link {
  open(): Channel | Promise<Channel>;
  /** Called once; told of every channel that the other end opens. */
  accept(serve: (channel: Channel) => void): void;
}

/** One channel of bytes, each way. */
export interface Channel {
  /** Sends what the source yields, as fast as the peer's own back-pressure lets it. */
  pump(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): void;
  write(bytes: Uint8Array): void;
  /** More bytes are welcome. */
  readonly isWritable: boolean;
  read(take: (chunk: Uint8Array) => void): void;
  /** Sends back what comes, its end included. */
  echo(): void;
  /** Nothing more will be written or read. */
  close(): void;
}
