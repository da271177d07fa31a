import { type PeerName } from './peerNames.js';

/** A row of the table: a measured value, what it is compared with, and the bars. */
export interface Metric {
  readonly row: string;
  readonly title: string;
  /** The name of the value. */
  readonly value: string;
  readonly format: 'bytes/s' | 'per s' | 'ms' | 's/GB' | 'number' | 'bytes';
  readonly isLowerBetter: boolean;
  /** A value is divided by that of this peer in the same round; `undefined` takes it as it is. */
  readonly against?: PeerName;
  readonly bars: Partial<Record<PeerName, number>>;
}

const both = (bar: number) => ({ 'rx-smux-1': bar, 'rx-smux-2': bar });
const isLowerBetter = true;
const isHigherBetter = { isLowerBetter: false } as const;
const rate = { ...isHigherBetter, format: 'bytes/s', against: 'raw' } as const;

export const metrics: readonly Metric[] = [
  { row: 'W1', title: '1 stream', value: 'bulk.rate', ...rate, bars: { 'rx-smux-1': 0.95, 'rx-smux-2': 0.92 } },
  { row: 'W1', title: '1 stream, in one process', value: 'bulk.rate.inOne', ...rate, bars: both(1) },
  { row: 'W2', title: '100 streams', value: 'many.rate', ...rate, bars: both(0.9) },
  { row: 'W2', title: '100 streams: Jain', value: 'many.jain', ...isHigherBetter, format: 'number', bars: both(0.999) },
  { row: 'W2', title: 'never yielding', value: 'greedy.rate', ...rate, bars: both(0.9) },
  {
    row: 'W2',
    title: 'never yielding: Jain',
    value: 'greedy.jain',
    ...isHigherBetter,
    format: 'number',
    bars: both(0.999),
  },
  { row: 'W2', title: 'streams without a byte', value: 'greedy.starved', isLowerBetter, format: 'number', bars: {} },
  { row: 'W3', title: '64-byte messages', value: 'messages.rate', ...rate, format: 'per s', bars: both(8) },
  {
    row: 'W4',
    title: 'echo, idle: p50',
    value: 'echo.idle.p50',
    isLowerBetter,
    format: 'ms',
    against: 'raw',
    bars: both(1.1),
  },
  {
    row: 'W4',
    title: 'echo beside bulk: p99',
    value: 'echo.loaded.p99',
    isLowerBetter,
    format: 'ms',
    against: 'raw',
    bars: { 'rx-smux-2': 0.6 },
  },
  { row: 'W5', title: 'open, echo, close', value: 'open.one', ...rate, format: 'per s', bars: both(1.4) },
  { row: 'W5', title: 'the same, 64 in flight', value: 'open.many', ...rate, format: 'per s', bars: both(6) },
  {
    row: 'W7',
    title: 'CPU of the sender',
    value: 'bulk.cpu.sender',
    isLowerBetter,
    format: 's/GB',
    against: 'raw',
    bars: both(1.1),
  },
  {
    row: 'W7',
    title: 'CPU of the receiver',
    value: 'bulk.cpu.receiver',
    isLowerBetter,
    format: 's/GB',
    against: 'raw',
    bars: both(1.1),
  },
];
