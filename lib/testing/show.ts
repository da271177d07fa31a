import { describeBytes } from './describeBytes.js';
import { describeError } from './describeError.js';

/** A value in one line, for people. */
export function show(value: unknown, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return `function ${value.name}`.trim();
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Uint8Array) return describeBytes(value);
  if (value instanceof Error) return describeError(value);
  if (value instanceof Map) return `Map ${show([...value], depth)}`;
  if (value instanceof Set) return `Set ${show([...value], depth)}`;
  if (depth === MAX_DEPTH) return '…';
  if (Array.isArray(value)) return `[${value.map((item) => show(item, depth + 1)).join(', ')}]`;
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${show(field, depth + 1)}`);
  const kind = value.constructor === Object ? '' : `${value.constructor?.name ?? 'Object'} `;
  return `${kind}${fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`}`;
}

const MAX_DEPTH = 3;
