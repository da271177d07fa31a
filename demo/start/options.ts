import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly scale: number;
  readonly corrupt: string | undefined;
}

/** @throws Error that says what is wrong */
export function demoOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scale: { type: 'string', default: '1' },
      corrupt: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const scale = Number(values.scale);
  if (!(scale > 0 && scale <= 10)) throw new Error(`--scale must be above 0 and at most 10, got ${values.scale}`);
  return { scale, corrupt: values.corrupt };
}

export const DEMO_HELP = `Downloads 24 files at once through the rx-smux command, uploads another, and checks every byte.

Usage: npm start -- [flags]   or   node dist/demo/start.js [flags]

  --scale FACTOR   size of the larger files: 0.1 for a tenth (default 1, some 310 MB in all)
  --corrupt NAME   let the HTTP server send a wrong byte in this file, such as bulk-3, to see it noticed
  --help           print this and exit

Exit codes: 0 everything arrived as it was sent, 1 something did not, 2 bad usage.`;
