import { filter, finalize, lastValueFrom, map, merge, tap, toArray } from 'rxjs';
import { startCommand } from './start/command.js';
import { FairnessMeter } from './start/FairnessMeter.js';
import { downloads, hashOf, uploadFile } from './start/files.js';
import { formatSize } from './start/format.js';
import { DEMO_HELP, type DemoOptions, demoOptions } from './start/options.js';
import { startOrigin } from './start/origin.js';
import { progressBars } from './start/progressBars.js';
import { isRight, type Result, reportOf } from './start/report.js';
import { download, type Progress, upload } from './start/transfer.js';

main(process.argv.slice(2));

function main(args: readonly string[]): void {
  let options: DemoOptions | 'help';
  try {
    options = demoOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n--help lists the flags.`);
    process.exit(2);
  }
  if (options === 'help') {
    console.log(DEMO_HELP);
    return;
  }
  // Exits, so that the child processes are taken along.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
  process.stdout.on('error', () => process.exit(1));
  demonstrate(options).then(
    (isFine) => process.exit(isFine ? 0 : 1),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}

async function demonstrate({ scale, corrupt }: DemoOptions): Promise<boolean> {
  const files = downloads(scale);
  const uploaded = uploadFile(scale);
  const all = [...files, uploaded];
  const bulk = files.filter(({ isBulk }) => isBulk);
  const totalSize = all.reduce((sum, { size }) => sum + size, 0);
  console.log(intro(files.length, formatSize(totalSize)));

  const expected = new Map(all.map((file) => [file, hashOf(file)]));
  const origin = await startOrigin(files, corrupt);
  const server = await startCommand('server', '-l', '127.0.0.1:0', '-t', `127.0.0.1:${origin.port}`);
  const client = await startCommand('client', '-l', '127.0.0.1:0', '-r', server.address);
  const target = { host: '127.0.0.1', port: Number(client.address.split(':')[1]) };

  const bars = progressBars(all);
  const fairness = new FairnessMeter(bulk.length, bulk[0]?.size ?? 0);
  const started = performance.now();
  const results = await lastValueFrom(
    merge(...files.map((file) => download(target, file)), upload(target, uploaded)).pipe(
      tap(({ file, bytes }) => {
        bars.update(file, bytes);
        if (file.isBulk) fairness.update(bulk.indexOf(file), bytes, performance.now());
      }),
      filter((progress): progress is Progress & { hash: string } => progress.hash !== undefined),
      map(({ file, hash }): Result => {
        return { file, hash, expected: expected.get(file) ?? '', milliseconds: performance.now() - started };
      }),
      toArray(),
      finalize(() => bars.stop()),
    ),
  );
  const milliseconds = performance.now() - started;

  const memory = {
    'rx-smux client': client.peakMemory(),
    'rx-smux server': server.peakMemory(),
    'this program': process.resourceUsage().maxRSS * 1024,
  };
  const count = (pattern: RegExp) => server.messages().match(pattern)?.length ?? 0;
  const [connectionCount, streamCount] = [count(/ session from \S+$/gm), count(/ stream \d+ of \S+ opened$/gm)];
  const exitCodes = [await client.stop(), await server.stop()];
  origin.server.close();
  const figures = {
    results: all.flatMap((file) => results.find((result) => result.file === file) ?? []),
    milliseconds,
    connectionCount,
    streamCount,
    fairness: fairness.result,
    bulkCount: bulk.length,
    memory,
    exitCodes,
  };
  console.log(`\n${reportOf(figures)}`);
  return isRight(figures);
}

function intro(count: number, size: string): string {
  const tcp = `${count + 1} TCP`;
  return `
  Downloads ${count} files at once, and uploads one, through a single TCP connection: ${size} in all.
  The commands are real processes; every byte is checked by SHA-256, fairness and memory are measured.

     this program              child process               child process             this program
    ┌─────────────┐  ${tcp}  ┌────────────────┐   1 TCP   ┌────────────────┐  ${tcp}  ┌─────────────┐
    │ ${count} GET      │ ───────► │                │           │                │ ───────► │             │
    │             │ ───────► │ rx-smux client │ ════════► │ rx-smux server │ ───────► │ HTTP server │
    │ 1 PUT       │ ───────► │                │   smux 2  │                │ ───────► │             │
    └─────────────┘          └────────────────┘           └────────────────┘          └─────────────┘
`;
}
