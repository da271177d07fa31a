import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReceiveBudget } from '../../lib/inbound/ReceiveBudget.js';
import { INITIAL_WINDOW } from '../../lib/wire/frame.js';

const MB = 1024 * 1024;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('ReceiveBudget', () => {
  it('pauses the link when all is held, and resumes it as bytes are given back', () => {
    const { budget, calls } = budgetOf(100);
    budget.take(99);
    expect(calls).toStrictEqual([]);
    budget.take(1);
    expect(calls).toStrictEqual(['pause']);
    expect(budget).toMatchObject({ unread: 100, isPaused: true });
    budget.take(50); // some were under way
    budget.give(50);
    expect(calls).toStrictEqual(['pause']);
    budget.give(1);
    expect(calls).toStrictEqual(['pause', 'resume']);
    expect(budget).toMatchObject({ unread: 99, isPaused: false });
  });

  it('pauses later with an overdraft', () => {
    const { budget, calls } = budgetOf(100);
    budget.overdraft = 20;
    budget.take(119);
    expect(calls).toStrictEqual([]);
    budget.take(1);
    expect(calls).toStrictEqual(['pause']);
  });

  describe('for a stream that begins', () => {
    it('has room for the first flight while little is held', () => {
      const { budget } = budgetOf(4 * MB, 32 * MB);
      for (let count = 0; count < 64; count++) expect(budget.opened()).toBe(INITIAL_WINDOW);
    });

    it('has less when first flights alone could overdraw it far, 4 KiB at the least', () => {
      const { budget } = budgetOf(4 * MB, 32 * MB);
      const windows = Array.from({ length: 2000 }, () => budget.opened());
      expect(windows[100]).toBe(Math.floor((4 * MB) / 101));
      expect(windows.at(-1)).toBe(4096);
    });

    it('has less when others hold it all', () => {
      const { budget } = budgetOf(4 * MB, 32 * MB);
      budget.take(4 * MB - INITIAL_WINDOW);
      expect(budget.opened()).toBe(INITIAL_WINDOW);
      budget.settled();
      budget.take(1);
      expect(budget.opened()).toBe(INITIAL_WINDOW - 1);
      budget.take(8 * MB);
      expect(budget.opened()).toBe(4096);
    });

    it('is left alone by a budget that one flight overdraws', () => {
      const { budget } = budgetOf(INITIAL_WINDOW - 1);
      expect(budget.opened()).toBe(INITIAL_WINDOW);
    });

    it('has room again when those before it have settled', () => {
      const { budget } = budgetOf(4 * MB, 32 * MB);
      for (let count = 0; count < 200; count++) budget.opened();
      for (let count = 0; count < 200; count++) budget.settled();
      expect(budget.opened()).toBe(INITIAL_WINDOW);
    });
  });

  describe('for a stream that is read', () => {
    it('gives one alone all that it wants', () => {
      const { budget } = budgetOf(4 * MB);
      expect(budget.share(4 * MB, 3)).toBe(4 * MB);
      expect(budget.share(100, 3)).toBe(100);
    });

    it('shares equally between those that ask within the same two seconds', () => {
      vi.setSystemTime(10_000);
      const { budget } = budgetOf(4 * MB);
      const ids = [3, 5, 7, 9];
      for (const id of ids) budget.share(4 * MB, id);
      for (const id of ids) expect(budget.share(4 * MB, id)).toBe(MB);
      vi.setSystemTime(11_000);
      for (const id of ids.slice(0, 2)) expect(budget.share(4 * MB, id)).toBe(MB);
      vi.setSystemTime(12_000); // two are idle by now
      for (const id of ids.slice(0, 2)) expect(budget.share(4 * MB, id)).toBe(2 * MB);
      vi.setSystemTime(60_000);
      expect(budget.share(4 * MB, 3)).toBe(4 * MB);
    });

    it('shares what is free, 4 KiB at the least', () => {
      const { budget } = budgetOf(4 * MB, 32 * MB);
      budget.take(3 * MB);
      expect(budget.share(4 * MB, 3)).toBe(MB);
      budget.take(2 * MB);
      expect(budget.share(4 * MB, 3)).toBe(4096);
    });
  });
});

function budgetOf(size: number, overdraft = 0) {
  const calls: string[] = [];
  const budget = new ReceiveBudget(size, { pause: () => calls.push('pause'), resume: () => calls.push('resume') });
  budget.overdraft = overdraft;
  return { budget, calls };
}
