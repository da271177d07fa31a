import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { batchSizes } from '../../lib/outbound/batchSizes.js';

const KB = 1024;
const MB = 1024 * KB;
const PLENTY = 64 * MB;

describe('batchSizes', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are small before the link is known', () => {
    expect(new Link().next(PLENTY)).toBe(128 * KB);
  });

  it('are what the link takes in a millisecond, within bounds', () => {
    const link = new Link();
    link.run(1000, 100); // 8 Mbit/s
    expect(link.next(PLENTY)).toBe(128 * KB);
    link.run(512 * KB, 100);
    expect(link.next(PLENTY)).toBe(512 * KB);
    link.run(10 * MB, 100);
    expect(link.next(PLENTY)).toBe(1 * MB);
  });

  it('leave most of what waits for the batches to come', () => {
    const link = new Link();
    link.run(10 * MB, 100);
    expect(link.next(4 * MB)).toBe(512 * KB);
    expect(link.next(100)).toBe(128 * KB);
  });

  it('fall with the first batch behind a pause', () => {
    const link = new Link();
    link.run(MB, 100);
    expect(link.next(PLENTY)).toBe(1 * MB);
    vi.advanceTimersByTime(10_000);
    expect(link.next(PLENTY)).toBe(128 * KB);
  });

  it('begin anew when the clock is set back', () => {
    const link = new Link();
    link.run(MB, 100);
    vi.setSystemTime(Date.now() - 3_600_000);
    link.sent += MB;
    expect(link.next(PLENTY)).toBe(128 * KB);
    link.run(MB, 100);
    expect(link.next(PLENTY)).toBe(1 * MB);
  });
});

class Link {
  sent = 0;
  readonly #sizes = batchSizes();

  next(waiting: number): number {
    return this.#sizes(this.sent, waiting);
  }

  /** Takes so many bytes a millisecond, a batch in each. */
  run(rate: number, ms: number): void {
    for (let passed = 0; passed < ms; passed++) {
      vi.advanceTimersByTime(1);
      this.next(PLENTY);
      this.sent += rate;
    }
  }
}
