import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { limitRate } from '../../lib/session/limitRate.js';

describe('limitRate', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const taken = (mayCome: () => boolean, count: number) =>
    Array.from({ length: count }, mayCome).filter(Boolean).length;

  it('lets a second’s worth pass at once, and as much in each second that follows', () => {
    const mayCome = limitRate(10);
    expect(taken(mayCome, 100)).toBe(10);
    vi.advanceTimersByTime(500);
    expect(taken(mayCome, 100)).toBe(5);
    vi.advanceTimersByTime(60_000);
    expect(taken(mayCome, 100)).toBe(10);
  });

  it('counts parts of a stream together', () => {
    const mayCome = limitRate(1);
    expect(taken(mayCome, 2)).toBe(1);
    const passed = Array.from({ length: 30 }, () => {
      vi.advanceTimersByTime(100);
      return mayCome();
    });
    expect(passed.filter(Boolean).length).toBeGreaterThanOrEqual(2);
    expect(passed.filter(Boolean).length).toBeLessThanOrEqual(3);
  });

  it('knows no limit where that is 0', () => {
    expect(taken(limitRate(0), 100_000)).toBe(100_000);
  });

  it('gives nothing away, and locks nobody out, when the clock is set', () => {
    const mayCome = limitRate(10);
    taken(mayCome, 10);
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(mayCome()).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(taken(mayCome, 100)).toBe(10);
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(taken(mayCome, 100)).toBe(10);
  });
});
