import { type PeerName } from './peerNames.js';

/** Lines of the table: a measured value, what it is compared with, and the bars. */
export interface Metric {
  readonly row: string;
  readonly title: string;
  /** The name of the value. */
  readonly value: string;
  readonly format: 'bytes/s' | 'per s' | 'ms' | 's/GB' | 'ns' | 'bytes' | 'number';
  readonly isLowerBetter: boolean;
  /** Compared with this peer in the same round, or with another value of the same peer; `undefined`: taken as it is. */
  readonly against?: { readonly peer: PeerName } | { readonly value: string; readonly title: string };
  /** For the ratio, or the value where there is none. */
  readonly bars: Partial<Record<PeerName, number>>;
}

const both = (bar: number) => ({ 'rx-smux-1': bar, 'rx-smux-2': bar });
const less = { isLowerBetter: true, against: { peer: 'raw' } } as const;
const more = { isLowerBetter: false, against: { peer: 'raw' } } as const;
const moreThanHttp2 = { isLowerBetter: false, against: { peer: 'http2' } } as const;
const few = { isLowerBetter: true, format: 'number' } as const;
const share = { isLowerBetter: false, format: 'number' } as const;
const fair = { isLowerBetter: false, format: 'number', bars: both(0.999) } as const;
const bulk = { ...more, format: 'bytes/s' } as const;
const memory = { ...less, format: 'bytes', bars: both(0.5) } as const;
const cpu = { ...less, format: 's/GB', bars: both(1.1) } as const;
const flat = { isLowerBetter: true, against: { value: 'frame.100', title: '100 streams' }, format: 'ns' } as const;

export const metrics: readonly Metric[] = [
  { row: 'W1', title: '1 stream', value: 'bulk.rate', ...bulk, bars: { 'rx-smux-1': 0.95, 'rx-smux-2': 0.92 } },
  { row: 'W1', title: '1 stream, in one process', value: 'bulk.rate.inOne', ...bulk, bars: both(1) },
  { row: 'W2', title: '100 streams', value: 'many.rate', ...bulk, bars: both(0.9) },
  { row: 'W2', title: '100 streams: Jain', value: 'many.jain', ...fair },
  { row: 'W2', title: 'producers that never yield', value: 'greedy.rate', ...bulk, bars: both(0.9) },
  { row: 'W2', title: 'never yield: Jain', value: 'greedy.jain', ...fair },
  { row: 'W2', title: 'never yield: streams without a byte', value: 'greedy.starved', ...few, bars: {} },
  { row: 'W3', title: '64-byte messages', value: 'messages.rate', ...more, format: 'per s', bars: both(8) },
  { row: 'W3', title: 'the same', value: 'messages.rate', ...moreThanHttp2, format: 'per s', bars: both(2.5) },
  { row: 'W4', title: 'echo, idle: p50', value: 'echo.idle.p50', ...less, format: 'ms', bars: both(1.1) },
  { row: 'W4', title: 'echo beside bulk: p99', value: 'echo.p99', ...less, format: 'ms', bars: { 'rx-smux-2': 0.6 } },
  { row: 'W5', title: 'open, echo, close', value: 'open.one', ...more, format: 'per s', bars: both(1.4) },
  { row: 'W5', title: 'the same, 64 in flight', value: 'open.many', ...more, format: 'per s', bars: both(6) },
  { row: 'W6', title: 'memory of an idle stream, opener', value: 'idle.opener', ...memory },
  { row: 'W6', title: 'memory of an idle stream, accepter', value: 'idle.accepter', ...memory },
  { row: 'W7', title: 'CPU of the sender', value: 'bulk.cpu.sender', ...cpu },
  { row: 'W7', title: 'CPU of the receiver', value: 'bulk.cpu.receiver', ...cpu },
  { row: 'W8', title: 'a frame with 10,000 streams', value: 'frame.10000', ...flat, bars: both(1.5) },
  { row: 'W8', title: 'a frame with 100,000 streams', value: 'frame.100000', ...flat, bars: both(1.5) },
  ...[
    ['long.one', '1 stream over 1 Gbit/s and 100 ms'],
    ['long.ten', '10 streams'],
    ['long.grown', '1 stream, the round trip grown to 200 ms'],
    ['long.fallen', '1 stream, the round trip fallen to 50 ms'],
    ['long.default', 'default options: of 4 MiB a round trip'],
  ].flatMap(([name, title = '']): Metric[] => [
    { row: 'W9', title: `${title}: share used`, value: `${name}.share`, ...share, bars: { 'rx-smux-2': 0.9 } },
    { row: 'W9', title: `${title}: of maxReceiveBuffer`, value: `${name}.memory`, ...few, bars: { 'rx-smux-2': 1 } },
  ]),
];
