import { deepEqual } from './deepEqual.js';
import { show } from './show.js';

/**
 * What `run` compares with unless it is told otherwise: needs no test runner.
 * @throws Error that shows both sides line by line: `-` was expected, `+` is what there was
 */
export function assertDeepEqual(actual: unknown, expected: unknown): void {
  if (deepEqual(actual, expected)) return;
  throw new Error(
    `not as expected (- expected, + actual):\n${difference(linesOf(expected), linesOf(actual)).join('\n')}`,
  );
}

/** What both begin and end with is shown once. */
function difference(expected: readonly string[], actual: readonly string[]): string[] {
  const shorter = Math.min(expected.length, actual.length);
  let head = 0;
  while (head < shorter && expected[head] === actual[head]) head++;
  let tail = 0;
  while (tail < shorter - head && expected.at(-1 - tail) === actual.at(-1 - tail)) tail++;
  const marked = (mark: string, lines: readonly string[]) => lines.map((line) => `${mark} ${line}`);
  return [
    ...marked(' ', expected.slice(0, head)),
    ...marked('-', expected.slice(head, expected.length - tail)),
    ...marked('+', actual.slice(head, actual.length - tail)),
    ...marked(' ', actual.slice(actual.length - tail)),
  ];
}

function linesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(lineOf) : [show(value)];
}

/** What a TestScheduler compares is told in its own words. */
function lineOf(item: unknown): string {
  if (typeof item === 'string') return item;
  if (isMessage(item)) {
    const { kind, value, error } = item.notification;
    const what = kind === 'N' ? `next ${show(value)}` : kind === 'E' ? `error ${show(error)}` : 'complete';
    return `${String(item.frame).padStart(6)} ms  ${what}`;
  }
  return show(item);
}

function isMessage(item: unknown): item is Message {
  return typeof item === 'object' && item !== null && 'frame' in item && 'notification' in item;
}

interface Message {
  readonly frame: number;
  readonly notification: { readonly kind: 'N' | 'E' | 'C'; readonly value?: unknown; readonly error?: unknown };
}
