import { utf8 } from './utf8.js';

/** What a mark of a diagram of bytes stands for: bytes or text of the table, or its own text. */
export function bytesOf(table: Readonly<Record<string, string | Uint8Array>>, mark: string): Uint8Array {
  const value = table[mark] ?? mark;
  return typeof value === 'string' ? utf8(value) : value;
}
