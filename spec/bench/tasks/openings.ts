import { type Link } from '../peers/Peer.js';
import { type Task } from './Task.js';

export interface OpeningsParameters {
  readonly warmUp: number;
  readonly count: number;
  readonly inFlight: number;
}

/** Open, one byte, its echo, close. Nobody waits for the other end's part of the close. */
export const openings: Task<OpeningsParameters> = {
  async serve(link) {
    link.accept((channel) => channel.echo());
    return {};
  },

  async drive(link, { warmUp, count, inFlight }) {
    await exchanges(link, warmUp, inFlight);
    const start = performance.now();
    await exchanges(link, count, inFlight);
    return { exchangesPerSecond: (count * 1000) / (performance.now() - start) };
  },
};

async function exchanges(link: Link, count: number, inFlight: number): Promise<void> {
  let started = 0;
  const work = async () => {
    while (started++ < count) await exchange(link);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}

async function exchange(link: Link): Promise<void> {
  const channel = await link.open();
  await new Promise<void>((resolve) => {
    channel.read(() => resolve());
    channel.write(ONE_BYTE);
  });
  channel.close();
}

const ONE_BYTE = new Uint8Array(1);
