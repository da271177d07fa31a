#!/usr/bin/env node
import { createRequire } from 'node:module';
import {
  delay,
  fromEvent,
  map,
  merge,
  type Observable,
  share,
  shareReplay,
  skip,
  take,
  takeUntil,
  tap,
  using,
} from 'rxjs';
import { type Context } from './Context.js';
import { client } from './client.js';
import { createLog, type Log, messageOf } from './log.js';
import { type Command, parseCommand } from './options.js';
import { Sessions } from './Sessions.js';
import { server } from './server.js';
import { StatusLine } from './statusLine.js';
import { UsageError } from './UsageError.js';
import { usage } from './usage.js';

function main(args: readonly string[]): void {
  const { stdout, stderr } = process;
  for (const output of [stdout, stderr]) output.on('error', () => undefined); // nobody reads it any more
  let command: Command;
  try {
    command = parseCommand(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`rx-smux: ${error.message}\nrx-smux --help lists the flags.\n`);
    process.exitCode = 2;
    return;
  }
  if (command.name === 'help') stdout.write(`${usage(command.role)}\n`);
  else if (command.name === 'version') stdout.write(`${packageVersion()}\n`);
  else start(command);
}

function start(command: Extract<Command, { name: 'server' | 'client' }>): void {
  const { quiet, log: logFile } = command.options;
  const statusLine = new StatusLine(process.stderr);
  let log: Log;
  try {
    log = createLog(logFile, quiet, (line) => statusLine.print(line));
  } catch (error) {
    process.stderr.write(`rx-smux: cannot write the log: ${messageOf(error)}\n`);
    process.exitCode = 1;
    return;
  }

  const sessions = new Sessions();
  const signals$ = merge(
    ...SIGNALS.map(({ name, code }) => fromEvent(process, name).pipe(map(() => ({ name, code })))),
  ).pipe(share());
  const stop$ = signals$.pipe(
    take(1),
    tap(({ name }) => log.message(`${name}: no new connections, ${sessions.totals.streams} streams may finish`)),
    shareReplay(1),
  );
  signals$.pipe(skip(1)).subscribe(({ code }) => process.exit(code));
  stop$.subscribe();

  const context: Context = { log, sessions, stop$ };
  const running$ = command.name === 'server' ? server(command.options, context) : client(command.options, context);
  const tooLate$ = stop$.pipe(
    delay(DRAIN_TIMEOUT),
    tap(() => log.message(`${sessions.totals.streams} streams have not finished and are cut off`)),
  );
  process.once('exit', () => statusLine.clear());
  const isWatched = process.stderr.isTTY && !quiet;
  const watched$: Observable<never> = isWatched
    ? using(
        () => statusLine.follow(() => sessions.totals).subscribe(),
        () => running$,
      )
    : running$;
  watched$.pipe(takeUntil(tooLate$)).subscribe({
    error: (error: unknown) => {
      log.message(`cannot listen: ${messageOf(error)}`);
      process.exit(1);
    },
    complete: () => {
      log.message('stopped');
      process.exit(0);
    },
  });
}

function packageVersion(): string {
  return (createRequire(import.meta.url)('rx-smux/package.json') as { readonly version: string }).version;
}

const SIGNALS = [
  { name: 'SIGINT', code: 130 },
  { name: 'SIGTERM', code: 143 },
] as const;

// Milliseconds.
const DRAIN_TIMEOUT = 10_000;

main(process.argv.slice(2));
