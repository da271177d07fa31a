import { firstValueFrom, forkJoin, map, type Observable, throwError, timeout } from 'rxjs';
import { EndProcess } from './EndProcess.js';
import { type Order } from './Order.js';
import { pinned } from './pinned.js';
import { type Values } from './tasks/Task.js';
import { type Work } from './tasks/tasks.js';

/** What the two ends of a link have measured. */
export interface Measured {
  readonly server: Values;
  readonly client: Values;
}

/**
 * Runs a piece of work between two new processes, or within one, and ends them.
 * @throws Error when it takes longer than `seconds`, or an end fails
 */
export async function measure(
  command: readonly string[],
  { peer, work, inOneProcess, seconds }: { peer: string; work: Work; inOneProcess: boolean; seconds: number },
): Promise<Measured> {
  const ends: EndProcess[] = [];
  const start = (order: Order) => {
    const core = order.role === 'client' ? 1 : 0;
    const end = new EndProcess(inOneProcess ? command : pinned(command, core), order);
    ends.push(end);
    return end;
  };
  const bounded = <T>(result$: Observable<T>) => {
    const late = () => throwError(() => new Error(`it took longer than ${seconds} s`));
    return firstValueFrom(result$.pipe(timeout({ first: seconds * 1000, with: late })));
  };
  try {
    const server = start({ peer, role: inOneProcess ? 'both' : 'server', work });
    const client = inOneProcess ? server : start({ peer, role: 'client', port: await server.port, work });
    const result$ = forkJoin([server.result$('server'), client.result$('client')]);
    return await bounded(result$.pipe(map(([fromServer, fromClient]) => ({ server: fromServer, client: fromClient }))));
  } finally {
    await Promise.all(ends.map((end) => end.stop()));
  }
}
