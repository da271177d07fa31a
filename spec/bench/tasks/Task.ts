import { type Link } from '../peers/Peer.js';

/** A piece of work between two ends of a link. Each end reports what it has measured; it goes on until its process is ended. */
export interface Task<P> {
  serve(link: Link, parameters: P): Promise<Values>;
  drive(link: Link, parameters: P): Promise<Values>;
}

/** What was measured, by name. */
export type Values = Readonly<Record<string, number>>;
