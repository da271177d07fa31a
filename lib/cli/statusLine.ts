import { finalize, ignoreElements, interval, map, type Observable, pairwise, startWith, tap } from 'rxjs';
import { type Totals } from './Sessions.js';

/** The part of a terminal that is needed. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A last line that stays where it is, below the lines that are printed. */
export class StatusLine {
  readonly #terminal: Terminal;
  #text = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** @param line with its end of line */
  print(line: string): void {
    this.#terminal.write(this.#text === '' ? line : `${CLEAR}${line}${this.#text}`);
  }

  show(text: string): void {
    // One column less than there are: some terminals wrap a line that fills them.
    this.#text = text.slice(0, (this.#terminal.columns ?? 80) - 1);
    this.#terminal.write(`${CLEAR}${this.#text}`);
  }

  clear(): void {
    if (this.#text !== '') this.show('');
  }

  /** Shows the totals once a second while subscribed. */
  follow(totals: () => Totals): Observable<never> {
    return interval(INTERVAL).pipe(
      map(totals),
      startWith(totals()),
      pairwise(),
      tap(([before, now]) => this.show(formatStatus(before, now, INTERVAL / 1000))),
      ignoreElements(),
      finalize(() => this.clear()),
    );
  }
}

/** @param seconds between the two */
export function formatStatus(before: Totals, now: Totals, seconds: number): string {
  const rate = (bytes: number) => `${formatSize(bytes / seconds)}/s`;
  return [
    `${now.sessions} ${now.sessions === 1 ? 'session' : 'sessions'}`,
    `${now.streams} ${now.streams === 1 ? 'stream' : 'streams'}`,
    `received ${rate(now.received - before.received)}, ${formatSize(now.received)} in all`,
    `sent ${rate(now.sent - before.sent)}, ${formatSize(now.sent)} in all`,
  ].join('  ');
}

export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
const INTERVAL = 1000;
const CLEAR = '\r\x1b[K';
