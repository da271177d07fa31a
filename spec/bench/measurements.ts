import { type Measured, type Place } from './measure.js';
import { type PeerName } from './peerNames.js';
import { type LongLinkParameters } from './simulation/longLink.js';
import { type Values } from './tasks/Task.js';
import { type Work } from './tasks/tasks.js';

/** Something that is measured, round by round, with one peer after the other. */
export interface Measurement {
  /** Rows of the table that it is for: `W1`. */
  readonly rows: readonly string[];
  readonly title: string;
  /** Too long for a quick run. */
  readonly isLong?: boolean;
  /** What the warm-up leaves out is code that has not been compiled yet. @param scale 1, or less for a quick run, which warms up as long */
  readonly work: (scale: number) => Work;
  /** Default: two processes */
  readonly place?: Place;
  /** What raw means here. */
  readonly raw: 'raw-pipe' | 'raw-framed' | 'raw-sockets';
  /** Default: all */
  readonly peers?: readonly PeerName[];
  /** The values by the names of the metrics. */
  readonly values: (measured: Measured) => Values;
}

interface LongLink {
  readonly name: string;
  readonly title: string;
  /** What is there to be used, in bytes a second. */
  readonly link: number;
  readonly parameters: LongLinkParameters;
}

const MiB = 1024 * 1024;
const oneStream = { task: 'bulk', streams: 1, chunkSize: 128 * 1024, doesYield: false } as const;
const hundredStreams = { task: 'bulk', streams: 100, chunkSize: 32 * 1024 } as const;
const bytes = (scale: number) => ({ warmUp: 384 * MiB, size: 1024 * MiB * scale });

const gigabit = { link: 1e9 / 8 };
const large = { maxReceiveBuffer: 32 * MiB };
const longLinks: readonly LongLink[] = [
  { name: 'long.one', title: '1 stream', ...gigabit, parameters: { streams: 1, ...large } },
  { name: 'long.ten', title: '10 streams', ...gigabit, parameters: { streams: 10, ...large } },
  { name: 'long.grown', title: 'then 200 ms', ...gigabit, parameters: { streams: 1, ...large, laterRoundTrip: 200 } },
  { name: 'long.fallen', title: 'then 50 ms', ...gigabit, parameters: { streams: 1, ...large, laterRoundTrip: 50 } },
  // 4 MiB a round trip is what the default lets through.
  { name: 'long.default', title: 'default options', link: 40 * MiB, parameters: { streams: 1 } },
];

export const measurements: readonly Measurement[] = [
  {
    rows: ['W1', 'W7'],
    title: '1 stream',
    work: (scale) => ({ ...oneStream, ...bytes(scale) }),
    raw: 'raw-pipe',
    values: ({ server, client }) => ({
      'bulk.rate': server.bytesPerSecond ?? Number.NaN,
      'bulk.cpu.sender': client.cpuPerGb ?? Number.NaN,
      'bulk.cpu.receiver': server.cpuPerGb ?? Number.NaN,
    }),
  },
  {
    rows: ['W1'],
    title: '1 stream, in one process',
    work: (scale) => ({ ...oneStream, ...bytes(scale) }),
    place: 'one process',
    raw: 'raw-pipe',
    values: ({ server }) => ({ 'bulk.rate.inOne': server.bytesPerSecond ?? Number.NaN }),
  },
  {
    rows: ['W2'],
    title: '100 streams',
    work: (scale) => ({ ...hundredStreams, ...bytes(scale), doesYield: true }),
    raw: 'raw-pipe',
    values: ({ server }) => ({
      'many.rate': server.bytesPerSecond ?? Number.NaN,
      'many.jain': server.jain ?? Number.NaN,
    }),
  },
  {
    rows: ['W2'],
    title: '100 streams, never yielding',
    work: (scale) => ({ ...hundredStreams, ...bytes(scale), doesYield: false }),
    raw: 'raw-pipe',
    values: ({ server }) => ({
      'greedy.rate': server.bytesPerSecond ?? Number.NaN,
      'greedy.jain': server.jain ?? Number.NaN,
      'greedy.starved': server.starved ?? Number.NaN,
    }),
  },
  {
    rows: ['W3'],
    title: '64-byte messages',
    work: (scale) => ({ task: 'messages', streams: 100, busy: 100, warmUp: 3e5, count: 6e5 * scale }),
    raw: 'raw-pipe',
    values: ({ server }) => ({ 'messages.rate': server.messagesPerSecond ?? Number.NaN }),
  },
  {
    rows: ['W4'],
    title: 'echo, idle',
    work: (scale) => ({ task: 'echo', warmUp: 20_000, count: 20_000 * scale, isLoaded: false }),
    raw: 'raw-pipe',
    values: ({ client }) => ({ 'echo.idle.p50': client.p50 ?? Number.NaN }),
  },
  {
    rows: ['W4'],
    title: 'echo beside bulk',
    work: (scale) => ({ task: 'echo', warmUp: 5000, count: 10_000 * scale, isLoaded: true }),
    raw: 'raw-framed',
    values: ({ client }) => ({ 'echo.p99': client.p99 ?? Number.NaN }),
  },
  {
    rows: ['W5'],
    title: 'open, echo, close',
    work: (scale) => ({ task: 'openings', warmUp: 5000, count: 5000 * scale, inFlight: 1 }),
    raw: 'raw-sockets',
    values: ({ client }) => ({ 'open.one': client.exchangesPerSecond ?? Number.NaN }),
  },
  {
    rows: ['W5'],
    title: 'open, echo, close, 64 in flight',
    work: (scale) => ({ task: 'openings', warmUp: 20_000, count: 20_000 * scale, inFlight: 64 }),
    raw: 'raw-sockets',
    values: ({ client }) => ({ 'open.many': client.exchangesPerSecond ?? Number.NaN }),
  },
  {
    rows: ['W6'],
    title: 'idle streams',
    work: () => ({ task: 'idle', warmUp: 100, count: 10_000 }),
    raw: 'raw-sockets',
    values: ({ server, client }) => ({
      'idle.opener': client.bytesPerStream ?? Number.NaN,
      'idle.accepter': server.bytesPerStream ?? Number.NaN,
    }),
  },
  ...[100, 10_000, 100_000].map(
    (streams): Measurement => ({
      rows: ['W8'],
      isLong: streams > 10_000,
      title: `${streams.toLocaleString('en')} streams open`,
      work: (scale) => ({ task: 'messages', streams, busy: 100, warmUp: 5e5, count: 1e6 * scale }),
      raw: 'raw-pipe',
      peers: ['rx-smux-1', 'rx-smux-2'],
      values: ({ server }) => ({ [`frame.${streams}`]: (server.secondsPerMessage ?? Number.NaN) * 1e9 }),
    }),
  ),
  ...longLinks.map(
    ({ name, title, link, parameters }): Measurement => ({
      rows: ['W9'],
      title,
      work: () => ({ task: 'longLink', ...parameters }),
      place: 'virtual time',
      raw: 'raw-pipe',
      peers: ['rx-smux-2'],
      values: ({ server }) => ({
        [`${name}.share`]: (server.bytesPerSecond ?? Number.NaN) / link,
        [`${name}.memory`]: (server.unread ?? Number.NaN) / (parameters.maxReceiveBuffer ?? 4 * MiB),
      }),
    }),
  ),
];
