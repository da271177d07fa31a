import { type Role, type SmuxOptions } from '../../../lib/options.js';
import { type InitialCounters } from '../../../lib/session/StreamHost.js';
import { type LinkOptions } from '../../../lib/testing/linkedTransports.js';

/** Everything that happens to two sessions: plain data, so that it can be printed, made simpler, and kept. */
export interface History {
  readonly options: Readonly<Record<Role, SmuxOptions>>;
  readonly counters: Readonly<Record<Role, InitialCounters>>;
  /** The client is its first end. */
  readonly link: LinkOptions;
  /** When each side begins to accept streams, stops, begins again …, in milliseconds. Without any it begins at once. */
  readonly accepting: Readonly<Record<Role, readonly number[]>>;
  readonly streams: readonly StreamPlan[];
  readonly troubles: readonly Trouble[];
  /** Who closes its session when all is over. */
  readonly lastWord: Role;
}

/** One stream and what its two ends do. */
export interface StreamPlan {
  /** Tells it from the others. */
  readonly name: number;
  readonly openedBy: Role;
  /** Milliseconds. */
  readonly at: number;
  readonly weight?: number;
  readonly opener: readonly Step[];
  readonly acceptor: readonly Step[];
}

/** Something that one end of a stream does, `after` milliseconds behind the step before. */
export type Step = { readonly after: number } & (
  | { readonly do: 'write'; readonly size: number }
  /** `send` of an iterable of chunks. */
  | { readonly do: 'send'; readonly sizes: readonly number[]; readonly preventClose: boolean }
  /** `stream.send(stream)`. */
  | { readonly do: 'echo' }
  | { readonly do: 'complete' | 'close' | 'abort' | 'close session' | 'destroy session' }
  | { readonly do: 'read'; readonly how: Reading }
  /** Does something from inside the consumer, at one of the chunks to come. */
  | { readonly do: 'react'; readonly chunk: number; readonly reaction: Reaction }
  /** Somebody else tries to read. */
  | { readonly do: 'intrude' }
  /** The consumer leaves; the next one may go on. */
  | { readonly do: 'stop' }
  | { readonly do: 'weigh'; readonly weight: number }
);

export type Reaction =
  | { readonly do: 'write'; readonly size: number }
  | { readonly do: 'complete' | 'close' | 'abort' | 'stop' }
  /** To its whole session. */
  | { readonly do: 'close session' | 'destroy session' };

/** A kind of consumer; times in milliseconds, sizes in bytes. */
export type Reading =
  | { readonly kind: 'flow' }
  /** Leaves by itself after some chunks. */
  | { readonly kind: 'some'; readonly chunks: number }
  /** Works for a while on each chunk; `0`: not at all. */
  | { readonly kind: 'work'; readonly delays: readonly number[]; readonly concurrency: number }
  /** Fails at a chunk. */
  | { readonly kind: 'failing'; readonly chunks: number }
  /** Grants at intervals. */
  | { readonly kind: 'granted'; readonly grants: readonly number[]; readonly interval: number }
  /** Grants a batch whenever the last one is there, a while later. */
  | { readonly kind: 'batches'; readonly size: number; readonly pause: number };

/** Something that happens to a whole session. */
export interface Trouble {
  /** Milliseconds. */
  readonly at: number;
  readonly side: Role;
  /**
   * The session is closed, or destroyed; the link breaks for both ends; the link carries nothing any more, and nobody is told;
   * somebody between the two ends this direction of it.
   */
  readonly what: 'close' | 'destroy' | 'cut' | 'silence' | 'hang up';
}
