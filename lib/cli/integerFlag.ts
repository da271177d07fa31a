import { UsageError } from './UsageError.js';

/**
 * The value of a flag that takes a number; `undefined` where it is not given.
 * @throws UsageError that names the flag and what it may be
 */
export function integerFlag<Name extends string>(
  flags: { readonly [name in Name]?: string },
  name: Name,
  from: number,
  to: number,
): number | undefined {
  const text = flags[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= from && value <= to) return value;
  throw new UsageError(`--${name} must be an integer from ${from} to ${Math.floor(to)}, got ${JSON.stringify(text)}`);
}
