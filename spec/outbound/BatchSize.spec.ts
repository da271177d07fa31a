import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BatchSize } from '../../lib/outbound/BatchSize.js';

const KB = 1024;
const MB = 1024 * KB;
const PLENTY = 64 * MB;

describe('BatchSize', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Lets a link take so many bytes a millisecond. */
  const run = (size: BatchSize, rate: number, ms: number) => {
    for (let passed = 0; passed < ms; passed++) {
      vi.advanceTimersByTime(1);
      size.sent(rate);
    }
  };

  it('is small before the link is known', () => {
    expect(new BatchSize().next(PLENTY)).toBe(128 * KB);
  });

  it('is what the link takes in a millisecond, within bounds', () => {
    const size = new BatchSize();
    run(size, 1000, 100); // 8 Mbit/s
    expect(size.next(PLENTY)).toBe(128 * KB);
    run(size, 512 * KB, 100);
    expect(size.next(PLENTY)).toBe(512 * KB);
    run(size, 10 * MB, 100);
    expect(size.next(PLENTY)).toBe(1 * MB);
  });

  it('leaves most of what waits for the batches to come', () => {
    const size = new BatchSize();
    run(size, 10 * MB, 100);
    expect(size.next(4 * MB)).toBe(512 * KB);
    expect(size.next(100)).toBe(128 * KB);
  });

  it('falls with the first batch behind a pause', () => {
    const size = new BatchSize();
    run(size, MB, 100);
    vi.advanceTimersByTime(10_000);
    size.sent(MB);
    expect(size.next(PLENTY)).toBe(128 * KB);
  });

  it('begins anew when the clock is set back', () => {
    const size = new BatchSize();
    run(size, MB, 100);
    vi.setSystemTime(Date.now() - 3_600_000);
    size.sent(MB);
    expect(size.next(PLENTY)).toBe(128 * KB);
    run(size, MB, 100);
    expect(size.next(PLENTY)).toBe(1 * MB);
  });
});
