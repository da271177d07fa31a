import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type SmuxOptions } from '../../lib/options.js';

/** What a server does with the streams that its peers open; asleep, it does not even accept them, or with `some` only a thousand. */
export type Service = 'echo' | 'naiveEcho' | 'source' | 'someSource' | 'accept' | 'sleep';

/** What a server says of itself: bytes, and how its sessions ended. */
export interface VictimReport {
  readonly rss: number;
  /** The highest RSS so far. */
  readonly peak: number;
  /** What is left when all garbage has been collected. */
  readonly held: number;
  /** Sessions under attack that are alive. */
  readonly sessions: number;
  /** How many of them have ended with each code; `'orderly'` for those without. */
  readonly ends: Readonly<Record<string, number>>;
}

/** A server in a process of its own. */
export class Victim {
  /** Where it is attacked. */
  readonly port: number;
  /** Where it echoes. */
  readonly honestPort: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, { port, honestPort }: Ports) {
    this.#child = child;
    this.port = port;
    this.honestPort = honestPort;
  }

  static async start(service: Service = 'echo', options: SmuxOptions = {}): Promise<Victim> {
    const child = fork(PROGRAM, [JSON.stringify(options), service], { execArgv: ['--expose-gc'] });
    let ports = {};
    while (Object.keys(ports).length < 2) {
      const [told] = (await once(child, 'message')) as [Partial<Ports>];
      ports = { ...ports, ...told };
    }
    return new Victim(child, ports as Ports);
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }

  async report(): Promise<VictimReport> {
    const answer = once(this.#child, 'message');
    this.#child.send('report');
    const [report] = (await answer) as [VictimReport];
    return report;
  }
}

interface Ports {
  readonly port: number;
  readonly honestPort: number;
}

const PROGRAM = fileURLToPath(new URL('server.mjs', import.meta.url));
