import { from, lastValueFrom, mergeMap, range, toArray } from 'rxjs';
import { connectAsync } from '../../lib/node/index.js';

/** Honest traffic, so that what a process takes for any work at all is not laid at the door of those that come next. */
export async function warmUp(port: number, streams: number): Promise<void> {
  const session = await connectAsync({ host: '127.0.0.1', port });
  const chunks = Array.from({ length: 4 }, () => new Uint8Array(4096));
  const work$ = range(streams).pipe(
    mergeMap(() => {
      const stream = session.open();
      stream.send(chunks).subscribe({ error: () => undefined });
      return from(lastValueFrom(stream.pipe(toArray())));
    }, 500),
  );
  await lastValueFrom(work$);
  session.close();
}
