import { openSync, writeSync } from 'node:fs';

/** Where messages go, one line each. */
export interface Log {
  message(text: string): void;
  /** About a single connection; nothing with `--quiet`. */
  detail(text: string): void;
}

/** @throws when the file cannot be opened */
export function createLog(file: string | undefined, quiet: boolean, toTerminal: (line: string) => void): Log {
  const write = file === undefined ? toTerminal : appendTo(file);
  // A message may quote what came from outside; it stays on its line all the same.
  const message = (text: string) => write(`${new Date().toISOString()} ${text.replace(/\s*[\n\r]+\s*/g, ' ')}\n`);
  return { message, detail: quiet ? () => undefined : message };
}

export function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // Several addresses tried in vain have no message of their own.
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}

function appendTo(file: string): (line: string) => void {
  const descriptor = openSync(file, 'a');
  return (line) => {
    try {
      writeSync(descriptor, line);
    } catch {
      // A full disk does not stop the forwarding.
    }
  };
}
