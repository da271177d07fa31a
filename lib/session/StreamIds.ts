import { type Role } from '../options.js';

/** Stream IDs of one side: a client's are odd from 3 on, a server's even from 2 on (Go: session.go, OpenStream). Never used twice. */
export class StreamIds {
  #next: number;

  /** @param next the first one to give out, where it is not the role's own */
  constructor(role: Role, next?: number) {
    this.#next = next ?? (role === 'client' ? 3 : 2);
  }

  /** @param isTaken the peer may use any ID, one of ours included */
  take(isTaken: (streamId: number) => boolean): number | undefined {
    while (isTaken(this.#next)) this.#next += 2;
    if (this.#next > MAX_ID) return undefined;
    const id = this.#next;
    this.#next += 2;
    return id;
  }
}

const MAX_ID = 0xffffffff;
