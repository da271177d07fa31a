import { type Metric, metrics } from '../metrics.js';
import { PEERS, type PeerName } from '../peerNames.js';
import { type Samples } from '../Samples.js';
import { meets } from './meets.js';

/** A value of one peer, and what it is worth. */
export interface Line {
  readonly metric: Metric;
  readonly peer: PeerName;
  readonly title: string;
  /** The median of the rounds. */
  readonly value: number;
  /** The median of the ratios within a round; the value itself where it is compared with nothing. */
  readonly ratio: number | undefined;
  readonly bar: number | undefined;
  /** `undefined` where there is no bar. */
  readonly passes: boolean | undefined;
  /** On the wrong side of even half the bar, or of half of what was reached where that is less. */
  readonly isGrosslyOff: boolean;
}

/**
 * Everything that was measured for these rows of the table, in its order.
 * @param reached the ratio that is on record
 */
export function linesOf(
  samples: Samples,
  isWanted: (row: string) => boolean,
  reached: (metric: Metric, peer: PeerName) => number | undefined = () => undefined,
): readonly Line[] {
  return metrics
    .filter(({ row }) => isWanted(row))
    .flatMap((metric) =>
      PEERS.flatMap(({ name: peer, title }) => {
        const value = samples.median(metric.value, peer);
        if (value === undefined) return [];
        const ratio = samples.ratio(metric, peer);
        if (ratio === undefined) return []; // who it is compared with does not take part
        const bar = metric.bars[peer];
        const passes = bar === undefined ? undefined : meets(metric, bar, ratio);
        const isFarFrom = (aim = Number.NaN) => !meets(metric, metric.isLowerBetter ? aim * 2 : aim / 2, ratio);
        const isGrosslyOff = bar !== undefined && isFarFrom(bar) && isFarFrom(reached(metric, peer));
        return [{ metric, peer, title, value, ratio, bar, passes, isGrosslyOff }];
      }),
    );
}
