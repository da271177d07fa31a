import { type ReceiveBudget } from '../inbound/ReceiveBudget.js';
import { type ResolvedOptions } from '../options.js';
import { type Outlet } from '../outbound/Outlet.js';
import { type Session } from '../session.js';
import { type SmuxStream } from '../stream.js';

/** What the streams of a session share. */
export interface StreamHost {
  readonly session: Session;
  readonly options: ResolvedOptions;
  readonly outlet: Outlet;
  readonly budget: ReceiveBudget;
  readonly counters: InitialCounters;
  /** A stream is over on the wire. */
  released(stream: SmuxStream): void;
}

/** Where counters start; specs set them close to the end of their range. */
export interface InitialCounters {
  readonly nextStreamId?: number;
  /** Bytes sent and consumed on each stream before it began, modulo 2^32. */
  readonly sent?: number;
  readonly consumed?: number;
}

/** Why something ended early. */
export interface Failure {
  readonly cause: unknown;
}
