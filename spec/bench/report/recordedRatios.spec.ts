import { describe, expect, it } from 'vitest';
import { metrics } from '../metrics.js';
import { recordedRatios } from './recordedRatios.js';

describe('the record of the benchmark', () => {
  const reached = recordedRatios(new URL('../results.json', import.meta.url));

  it('has a ratio for each bar', () => {
    for (const metric of metrics) {
      for (const peer of Object.keys(metric.bars) as (keyof typeof metric.bars)[]) {
        expect(reached(metric, peer), `${metric.row} ${metric.title}, ${peer}`).toBeGreaterThan(0);
      }
    }
  });

  it('knows nothing of peers that it does not have', () => {
    for (const metric of metrics) expect(reached({ ...metric, row: 'W0' }, 'raw')).toBeUndefined();
  });
});
