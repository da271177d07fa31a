import { setTimeout as sleep } from 'node:timers/promises';
import { type Channel, type Link } from '../peers/Peer.js';
import { Count } from './Count.js';
import { type Task } from './Task.js';

export interface IdleParameters {
  /** Streams that are there before the first look at the memory. */
  readonly warmUp: number;
  readonly count: number;
}

/** Streams that are open, with a reader on both sides, and do nothing: how much memory each takes. */
export const idle: Task<IdleParameters> = {
  async serve(link, { warmUp, count }) {
    const channels: Channel[] = []; // held, as an application would
    const accepted = new Count();
    link.accept((channel) => {
      channels.push(channel);
      channel.read(() => undefined);
      accepted.add(1);
    });
    await accepted.reaches(warmUp);
    const before = await settledRss();
    channels[0]?.write(GO_ON);
    await accepted.reaches(warmUp + count);
    channels[0]?.write(GO_ON);
    return { bytesPerStream: ((await settledRss()) - before) / count };
  },

  async drive(link, { warmUp, count }) {
    const channels = [await link.open()];
    const answers = new Count();
    channels[0]?.read((chunk) => answers.add(chunk.length));
    await open(link, channels, warmUp);
    await answers.reaches(1);
    const before = await settledRss();
    await open(link, channels, warmUp + count);
    await answers.reaches(2);
    return { bytesPerStream: ((await settledRss()) - before) / count };
  },
};

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
