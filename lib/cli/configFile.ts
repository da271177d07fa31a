import { readFileSync } from 'node:fs';
import { FLAGS, type Role } from './flags.js';
import { UsageError } from './UsageError.js';

/**
 * Reads a JSON file of kcptun: an object whose fields are flags without the dashes.
 * @returns them as the command line would give them
 * @throws UsageError for a file that cannot be read, or has fields that no flag is named after
 */
export function readConfig(file: string, role: Role): Record<string, string | boolean> {
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`--config cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new UsageError(`--config ${file} is no JSON object`);
  }
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, flagValue(name, value, role, file)]));
}

function flagValue(name: string, value: unknown, role: Role, file: string): string | boolean {
  const flag = Object.hasOwn(FLAGS[role], name) ? FLAGS[role][name] : undefined;
  if (flag === undefined) throw new UsageError(`--config ${file}: ${name} is no flag of ${role}`);
  if (flag.type === 'boolean') {
    if (typeof value === 'boolean') return value;
    throw new UsageError(`--config ${file}: ${name} must be true or false`);
  }
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new UsageError(`--config ${file}: ${name} must be a text or a number`);
}
