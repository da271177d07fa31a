import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The program that is one end of a link. @param profiles where CPU profiles go, if they are wanted */
export function endCommand(profiles?: string): readonly string[] {
  const program = fileURLToPath(new URL('end.js', import.meta.url));
  if (profiles === undefined) return [process.execPath, '--expose-gc', program];
  mkdirSync(profiles, { recursive: true });
  return [process.execPath, '--expose-gc', '--cpu-prof', `--cpu-prof-dir=${profiles}`, program];
}
