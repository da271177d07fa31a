import { describe, expect, it } from 'vitest';
import { formatSize, formatStatus, StatusLine } from '../../lib/cli/statusLine.js';
import { marbles } from '../helpers/marbles.js';

describe('formatSize', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [12_345_678, '12.3 MB'],
    [5e15, '5000.0 TB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});

describe('formatStatus', () => {
  it('tells the rates since the last time, and the totals', () => {
    const before = { sessions: 1, streams: 2, received: 1000, sent: 0 };
    const now = { sessions: 1, streams: 3, received: 5000, sent: 2_000_000 };
    expect(formatStatus(before, now, 2)).toBe(
      '1 session  3 streams  received 2.0 kB/s, 5.0 kB in all  sent 1.0 MB/s, 2.0 MB in all',
    );
  });
});

describe('StatusLine', () => {
  const terminal = (columns = 80) => ({
    columns,
    written: [] as string[],
    write(text: string) {
      this.written.push(text);
    },
  });

  it('prints plainly while there is no status', () => {
    const screen = terminal();
    new StatusLine(screen).print('hello\n');
    expect(screen.written).toStrictEqual(['hello\n']);
  });

  it('keeps the status below what is printed, and short enough not to wrap', () => {
    const screen = terminal(8);
    const line = new StatusLine(screen);
    line.show('0123456789');
    line.print('hello\n');
    expect(screen.written).toStrictEqual(['\r\x1b[K0123456', '\r\x1b[Khello\n0123456']);
  });

  it(
    'follows the totals once a second and clears the line in the end',
    marbles(({ expectObservable, flush }) => {
      const screen = terminal(200);
      const status$ = new StatusLine(screen).follow(() => ({ sessions: 0, streams: 0, received: 0, sent: 0 }));
      expectObservable(status$, '^ 2500ms !').toBe('-');
      flush();
      const text = '0 sessions  0 streams  received 0 B/s, 0 B in all  sent 0 B/s, 0 B in all';
      expect(screen.written).toStrictEqual([`\r\x1b[K${text}`, `\r\x1b[K${text}`, '\r\x1b[K']);
    }),
  );
});
