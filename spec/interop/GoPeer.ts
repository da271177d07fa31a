import { type ChildProcessByStdio, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Readable, type Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { filter, firstValueFrom, map, ReplaySubject, timeout } from 'rxjs';

/** The versions of xtaci/smux that the interop specs run against; 1.5.34 is the one inside sing-box. */
export type GoSmuxVersion = '1.5.16' | '1.5.34' | '1.5.53' | '1.5.57';

/** Where Go is missing these specs are skipped, unless RX_SMUX_REQUIRE_GO says that they must run. */
export const hasGo = spawnSync('go', ['version']).status === 0;
if (!hasGo) {
  const message = 'The specs against live Go peers need Go, which is not on this machine';
  if (process.env.RX_SMUX_REQUIRE_GO) throw new Error(message);
  console.warn(`${message}: skipped`);
}

export interface GoEvent {
  readonly event: string;
  readonly id?: string;
  readonly ok?: boolean;
  readonly error?: string;
  readonly addr?: string;
  readonly sha256?: string;
  readonly received?: number;
  readonly sent?: number;
  readonly count?: number;
  readonly failed?: number;
  readonly line?: string;
  readonly stream?: number;
  readonly closed?: boolean;
  readonly here?: boolean;
  readonly request?: string;
}

/** Builds the Go peer for one version of smux; returns the path of the program. */
export async function buildGoPeer(version: GoSmuxVersion): Promise<string> {
  const folder = fileURLToPath(new URL('go/', import.meta.url));
  const program = fileURLToPath(new URL(`../../dist/interop/gopeer-${version}`, import.meta.url));
  const build = promisify(execFile);
  await build('go', ['build', `-modfile=smux-${version}.mod`, '-o', program, '.'], { cwd: folder });
  return program;
}

/** A running Go peer: operations in, events out, JSON lines both ways. */
export class GoPeer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #events$ = new ReplaySubject<GoEvent>();
  #count = 0;

  constructor(program: string, args: readonly string[]) {
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: this.#process.stdout });
    lines.on('line', (line) => this.#events$.next(JSON.parse(line) as GoEvent));
    lines.on('close', () => this.#events$.complete());
  }

  /** The first event, past or future, that matches. */
  event(name: string, matches: (event: GoEvent) => boolean = () => true): Promise<GoEvent> {
    return firstValueFrom(
      this.#events$.pipe(
        filter((event) => event.event === name && matches(event)),
        timeout({ first: PATIENCE }),
      ),
    );
  }

  /** Where a listening peer can be reached. */
  port(): Promise<number> {
    return firstValueFrom(
      this.#events$.pipe(
        filter((event) => event.event === 'listening'),
        map(({ addr }) => Number(addr?.split(':').pop())),
      ),
    );
  }

  /** Has the peer do something; resolves with its result, good or bad. */
  run(op: string, fields: Readonly<Record<string, unknown>> = {}): Promise<GoEvent> {
    const id = `${op}-${this.#count++}`;
    this.#process.stdin.write(`${JSON.stringify({ id, op, ...fields })}\n`);
    return this.event('result', (event) => event.id === id);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.stdin.end();
    await exit;
  }
}

const PATIENCE = 30_000;
