import { describe, expect, it } from 'vitest';
import { RefusedIds } from '../../lib/session/RefusedIds.js';

describe('RefusedIds', () => {
  it('answers nothing for IDs that were not refused', () => {
    const refused = new RefusedIds();
    expect(refused.deservesAnswer(3)).toBe(false);
    refused.add(3);
    refused.flushed();
    expect(refused.deservesAnswer(5)).toBe(false);
  });

  it('answers at most once between two flushes, the refusal counted', () => {
    const refused = new RefusedIds();
    refused.add(3);
    expect(refused.deservesAnswer(3)).toBe(false); // its refusal has not left yet
    refused.flushed();
    expect([refused.deservesAnswer(3), refused.deservesAnswer(3)]).toStrictEqual([true, false]);
    refused.flushed();
    expect([refused.deservesAnswer(3), refused.deservesAnswer(3)]).toStrictEqual([true, false]);
  });

  it('answers for each ID on its own', () => {
    const refused = new RefusedIds();
    for (const id of [3, 5]) refused.add(id);
    refused.flushed();
    expect([3, 5, 3, 5].map((id) => refused.deservesAnswer(id))).toStrictEqual([true, true, false, false]);
  });

  it('remembers the last 1024', () => {
    const refused = new RefusedIds();
    for (let id = 1; id <= 1025; id++) refused.add(id);
    refused.flushed();
    expect(refused.deservesAnswer(1)).toBe(false);
    expect(refused.deservesAnswer(2)).toBe(true);
    expect(refused.deservesAnswer(1025)).toBe(true);
  });

  it('counts an ID that is refused again as new, and once', () => {
    const refused = new RefusedIds();
    for (let id = 1; id <= 1024; id++) refused.add(id);
    refused.add(1);
    refused.flushed();
    expect(refused.deservesAnswer(2)).toBe(true); // nothing was forgotten for it
    refused.add(2000);
    refused.flushed();
    expect(refused.deservesAnswer(2)).toBe(false); // now the oldest
    expect(refused.deservesAnswer(1)).toBe(true);
  });

  it('gives an ID that it has forgotten no answer, and a new refusal its own', () => {
    const refused = new RefusedIds();
    refused.add(1);
    for (let id = 2; id <= 1025; id++) refused.add(id);
    expect(refused.deservesAnswer(1)).toBe(false);
    refused.add(1);
    refused.flushed();
    expect(refused.deservesAnswer(1)).toBe(true);
  });
});
