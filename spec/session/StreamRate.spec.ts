import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StreamRate } from '../../lib/session/StreamRate.js';

describe('StreamRate', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const taken = (rate: StreamRate, count: number) =>
    Array.from({ length: count }, () => rate.take()).filter(Boolean).length;

  it('lets a second’s worth pass at once, and as much in each second that follows', () => {
    const rate = new StreamRate(10);
    expect(taken(rate, 100)).toBe(10);
    vi.advanceTimersByTime(500);
    expect(taken(rate, 100)).toBe(5);
    vi.advanceTimersByTime(60_000);
    expect(taken(rate, 100)).toBe(10);
  });

  it('counts parts of a stream together', () => {
    const rate = new StreamRate(1);
    expect(taken(rate, 2)).toBe(1);
    const passed = Array.from({ length: 30 }, () => {
      vi.advanceTimersByTime(100);
      return rate.take();
    });
    expect(passed.filter(Boolean).length).toBeGreaterThanOrEqual(2);
    expect(passed.filter(Boolean).length).toBeLessThanOrEqual(3);
  });

  it('knows no limit where that is 0', () => {
    expect(taken(new StreamRate(0), 100_000)).toBe(100_000);
  });

  it('gives nothing away, and locks nobody out, when the clock is set', () => {
    const rate = new StreamRate(10);
    taken(rate, 10);
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(rate.take()).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(taken(rate, 100)).toBe(10);
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(taken(rate, 100)).toBe(10);
  });
});
