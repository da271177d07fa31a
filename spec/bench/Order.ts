import { type Values } from './tasks/Task.js';
import { type Work } from './tasks/tasks.js';

/** What a process of the benchmark is told, as JSON in its only argument. */
export interface Order {
  readonly peer: string;
  /** `both`: a server and its client in one process; `alone`: a simulation. */
  readonly role: 'server' | 'client' | 'both' | 'alone';
  /** Of the server, for a client. */
  readonly port?: number;
  readonly work: Work;
}

/** What it answers, one JSON line each. */
export type Answer =
  | { readonly event: 'listening'; readonly port: number }
  | { readonly event: 'result'; readonly role: 'server' | 'client' | 'alone'; readonly values: Values }
  | { readonly event: 'error'; readonly message: string };
