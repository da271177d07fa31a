import { type Role } from '../options.js';

/**
 * Stream IDs of one side: a client's are odd from 3 on, a server's even from 2 on (Go: session.go, OpenStream). None comes twice.
 * @param isTaken asked of each ID when it is its turn: the peer may use any, one of ours included
 * @param first the first one, where it is not the role's own
 */
export function* streamIds(
  role: Role,
  isTaken: (streamId: number) => boolean,
  first = role === 'client' ? 3 : 2,
): Generator<number, undefined> {
  for (let id = first; id <= MAX_ID; id += 2) if (!isTaken(id)) yield id;
}

const MAX_ID = 0xffffffff;
