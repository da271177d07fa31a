import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Writes a table to a file; in one that has a place for it, between two comments, nothing but that place changes. */
export function insertMarkdown(file: string, table: string): void {
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const start = old.indexOf(START);
  const end = old.indexOf(END);
  const hasPlace = start >= 0 && end > start;
  writeFileSync(file, hasPlace ? `${old.slice(0, start + START.length)}\n${table}${old.slice(end)}` : table);
}

const START = '<!-- benchmark -->';
const END = '<!-- /benchmark -->';
