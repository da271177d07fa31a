import { setTimeout as sleep } from 'node:timers/promises';
import { type Channel, type Link } from '../peers/Peer.js';
import { type Task } from './Task.js';

export interface IdleParameters {
  /** Streams that are there before the first look at the memory. */
  readonly warmUp: number;
  readonly count: number;
}

/** Streams that are open, with a reader on both sides, and do nothing: how much memory each takes. */
export const idle: Task<IdleParameters> = {
  async serve(link, { warmUp, count }) {
    const accepted = acceptance(link);
    await accepted(warmUp);
    const before = await settledRss();
    accepted.first?.write(GO_ON);
    await accepted(warmUp + count);
    accepted.first?.write(GO_ON);
    return { bytesPerStream: ((await settledRss()) - before) / count };
  },

  async drive(link, { warmUp, count }) {
    const channels: Channel[] = []; // held, as an application would
    const first = await link.open();
    channels.push(first);
    const told = answers(first);
    first.write(GO_ON); // some peers show a channel with its first byte only
    await open(link, channels, warmUp);
    await told(1);
    const before = await settledRss();
    await open(link, channels, warmUp + count);
    await told(2);
    return { bytesPerStream: ((await settledRss()) - before) / count };
  },
};

/** Tells when so many channels have been accepted. */
function acceptance(link: Link): { (count: number): Promise<void>; first?: Channel } {
  const channels: Channel[] = [];
  let wanted = Number.POSITIVE_INFINITY;
  let reached = () => undefined as void;
  const accepted: { (count: number): Promise<void>; first?: Channel } = (count) =>
    new Promise((resolve) => {
      wanted = count;
      reached = resolve;
      if (channels.length >= wanted) resolve();
    });
  link.accept((channel) => {
    accepted.first ??= channel;
    channels.push(channel);
    channel.read(() => undefined);
    if (channels.length >= wanted) reached();
  });
  return accepted;
}

/** Tells when so many bytes have come. */
function answers(channel: Channel): (count: number) => Promise<void> {
  let received = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let reached = () => undefined as void;
  channel.read((chunk) => {
    received += chunk.length;
    if (received >= wanted) reached();
  });
  return (count) =>
    new Promise((resolve) => {
      wanted = count;
      reached = resolve;
      if (received >= wanted) resolve();
    });
}

async function open(link: Link, channels: Channel[], total: number): Promise<void> {
  while (channels.length < total) {
    const channel = await link.open();
    channel.read(() => undefined);
    channels.push(channel);
  }
}

/** Bytes of memory that are left when garbage has been collected, often enough for it to be given back. */
async function settledRss(): Promise<number> {
  let smallest = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 10; look++) {
    globalThis.gc?.();
    await sleep(30);
    smallest = Math.min(smallest, process.memoryUsage.rss());
  }
  return smallest;
}

const GO_ON = new Uint8Array(1);
