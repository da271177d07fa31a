import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { filter, map, type Observable, ReplaySubject, take } from 'rxjs';
import { type Answer, type Order } from './Order.js';
import { type Values } from './tasks/Task.js';

/** One end of a link, in a process of its own. */
export class EndProcess {
  readonly #child: ChildProcess;
  readonly #answers$ = new ReplaySubject<Answer>();

  /** @param command the program and its arguments; the order is added to them */
  constructor(command: readonly string[], order: Order) {
    const [program = process.execPath, ...args] = command;
    this.#child = spawn(program, [...args, JSON.stringify(order)], { stdio: ['pipe', 'pipe', 'pipe'] });
    let complaints = '';
    this.#child.stderr?.on('data', (text) => {
      complaints = `${complaints}${text}`.slice(-2000);
    });
    this.#child.stdin?.on('error', () => undefined);
    this.#child.on('error', (error) => this.#answers$.error(error));
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => this.#take(JSON.parse(line) as Answer));
    this.#child.on('close', (code, signal) => {
      const why = `it ended with ${signal ?? `code ${code}`}${complaints && `: ${complaints.trim()}`}`;
      this.#answers$.error(new Error(why));
    });
  }

  /** Emits where the server listens, and completes. */
  get port$(): Observable<number> {
    return this.#answers$.pipe(
      filter((answer) => answer.event === 'listening'),
      map(({ port }) => port),
      take(1),
    );
  }

  /** Emits what one of the ends in this process has measured, and completes. */
  result$(role: 'server' | 'client' | 'alone'): Observable<Values> {
    return this.#answers$.pipe(
      filter((answer) => answer.event === 'result' && answer.role === role),
      map((answer) => ('values' in answer ? answer.values : {})),
      take(1),
    );
  }

  /** Asks the process to end, and ends it when it does not. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    const exit = once(this.#child, 'exit');
    this.#child.stdin?.end();
    const timer = new AbortController();
    await Promise.race([exit, sleep(PATIENCE, undefined, timer).catch(() => undefined)]);
    timer.abort();
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
    await exit;
  }

  #take(answer: Answer): void {
    if (answer.event === 'error') this.#answers$.error(new Error(answer.message));
    else this.#answers$.next(answer);
  }
}

/** Milliseconds: a process that is busy, or blocked, does not see that it shall end. */
const PATIENCE = 2000;
