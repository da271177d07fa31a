import { lastValueFrom, toArray } from 'rxjs';
import { expect } from 'vitest';
import { type Session } from '../../lib/index.js';
import { randomChunks, sha256 } from './random.js';

/** Fifty streams at once to an echo server, of no bytes to many: what comes back is whole and in order. */
export async function expectManyEchoes(session: Session): Promise<void> {
  const sizes = Array.from({ length: 50 }, (_, at) => at * 7001);
  const echoes = sizes.map(async (size, at) => {
    const stream = session.open();
    stream.send(randomChunks(size, at)).subscribe();
    return sha256(await lastValueFrom(stream.pipe(toArray())));
  });
  expect(await Promise.all(echoes)).toEqual(sizes.map((size, at) => sha256(randomChunks(size, at))));
}
