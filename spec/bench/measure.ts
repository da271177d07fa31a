import { firstValueFrom, forkJoin, map, type Observable, throwError, timeout } from 'rxjs';
import { EndProcess } from './EndProcess.js';
import { type Order } from './Order.js';
import { pinned } from './pinned.js';
import { type Values } from './tasks/Task.js';
import { type Work } from './tasks/tasks.js';

/** What the two ends of a link have measured; a simulation is both. */
export interface Measured {
  readonly server: Values;
  readonly client: Values;
}

/** Where the ends of a link live. */
export type Place = 'two processes' | 'one process' | 'virtual time';

export interface MeasureOptions {
  /** The program that is an end. */
  readonly command: readonly string[];
  readonly peer: string;
  readonly work: Work;
  readonly place: Place;
  /** How long it may take. */
  readonly seconds: number;
}

/**
 * Runs a piece of work in new processes, and ends them.
 * @throws Error when it takes too long, or an end fails
 */
export async function measure({ command, peer, work, place, seconds }: MeasureOptions): Promise<Measured> {
  const ends: EndProcess[] = [];
  const start = (order: Order, core?: 0 | 1) => {
    const end = new EndProcess(core === undefined ? command : pinned(command, core), order);
    ends.push(end);
    return end;
  };
  const bounded = <T>(result$: Observable<T>) => {
    const late = () => throwError(() => new Error(`it took longer than ${seconds} s`));
    return firstValueFrom(result$.pipe(timeout({ first: seconds * 1000, with: late })));
  };
  const bothOf = (server: EndProcess, client: EndProcess) =>
    bounded(
      forkJoin([server.result$('server'), client.result$('client')]).pipe(
        map(([fromServer, fromClient]) => ({ server: fromServer, client: fromClient })),
      ),
    );
  try {
    if (place === 'virtual time') {
      const values = await bounded(start({ peer, role: 'alone', work }).result$('alone'));
      return { server: values, client: values };
    }
    if (place === 'one process') {
      const end = start({ peer, role: 'both', work });
      return await bothOf(end, end);
    }
    const server = start({ peer, role: 'server', work }, 0);
    const port = await bounded(server.port$);
    return await bothOf(server, start({ peer, role: 'client', port, work }, 1));
  } finally {
    await Promise.all(ends.map((end) => end.stop()));
  }
}
