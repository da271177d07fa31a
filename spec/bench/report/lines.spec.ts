import { describe, expect, it } from 'vitest';
import { Samples } from '../Samples.js';
import { jain } from '../tasks/jain.js';
import { percentile } from '../tasks/percentile.js';
import { linesOf } from './lines.js';

const linesWith = (value: string, raw: readonly number[], ours: readonly number[], reached?: number) => {
  const samples = new Samples();
  for (const [round, sample] of raw.entries()) samples.add(value, 'raw', round, sample);
  for (const [round, sample] of ours.entries()) samples.add(value, 'rx-smux-1', round, sample);
  return linesOf(
    samples,
    () => true,
    () => reached,
  ).filter(({ peer }) => peer === 'rx-smux-1');
};

describe('the lines of the benchmark', () => {
  it('take the median of the ratios within a round, not the ratio of the medians', () => {
    const [line] = linesWith('bulk.rate', [100, 200, 400], [100, 100, 400]);
    expect(line).toMatchObject({ value: 100, ratio: 1, bar: 0.95, passes: true });
  });

  it('leave out rounds in which one of the two was not measured', () => {
    const [line] = linesWith('bulk.rate', [100, Number.NaN, 100], [50, 1000, 60]);
    expect(line?.ratio).toBeCloseTo(0.55);
  });

  it('miss a bar, and are grossly off on the wrong side of half of it', () => {
    expect(linesWith('bulk.rate', [100], [60])[0]).toMatchObject({ passes: false, isGrosslyOff: false });
    expect(linesWith('bulk.rate', [100], [40])[0]).toMatchObject({ passes: false, isGrosslyOff: true });
    expect(linesWith('bulk.cpu.sender', [100], [200])[0]).toMatchObject({ passes: false, isGrosslyOff: false });
    expect(linesWith('bulk.cpu.sender', [100], [230])[0]).toMatchObject({ passes: false, isGrosslyOff: true });
  });

  it('are grossly off only where they were better once, of a bar that was never reached', () => {
    expect(linesWith('bulk.rate', [100], [30], 0.5)[0]).toMatchObject({ passes: false, isGrosslyOff: false });
    expect(linesWith('bulk.rate', [100], [20], 0.5)[0]).toMatchObject({ passes: false, isGrosslyOff: true });
    expect(linesWith('bulk.rate', [100], [60], 1.5)[0]).toMatchObject({ passes: false, isGrosslyOff: false });
    expect(linesWith('bulk.cpu.sender', [100], [350], 2)[0]).toMatchObject({ passes: false, isGrosslyOff: false });
  });

  it('are not there for what is compared with somebody who did not take part', () => {
    expect(linesWith('messages.rate', [100], [900]).map(({ metric }) => metric.against)).toEqual([{ peer: 'raw' }]);
  });
});

describe('the figures of the benchmark', () => {
  it('say how fair shares are', () => {
    expect(jain([5, 5, 5, 5])).toBe(1);
    expect(jain([20, 0, 0, 0])).toBe(0.25);
  });

  it('say what so many percent do not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(values, 50), percentile(values, 99), percentile([7], 99)]).toEqual([50, 99, 7]);
  });
});
