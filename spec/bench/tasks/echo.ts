import { setImmediate as turn } from 'node:timers/promises';
import { type Channel } from '../peers/Peer.js';
import { Count } from './Count.js';
import { percentile } from './percentile.js';
import { type Task } from './Task.js';

export interface EchoParameters {
  readonly warmUp: number;
  readonly count: number;
  /** Beside a stream of the same link that sends as fast as it can, in the direction of the question. */
  readonly isLoaded: boolean;
}

/** 64-byte questions and answers, one at a time: how long each takes. */
export const echo: Task<EchoParameters> = {
  async serve(link) {
    let count = 0;
    link.accept((channel) => {
      if (count++ === 0) channel.echo();
      else channel.read(() => undefined);
    });
    return {};
  },

  async drive(link, { warmUp, count, isLoaded }) {
    const channel = await link.open();
    const ask = asker(channel);
    await ask(); // so that it is this stream which is there first
    if (isLoaded) (await link.open()).pump(endless());
    const times: number[] = [];
    for (let index = 0; index < warmUp + count; index++) {
      const start = performance.now();
      await ask();
      if (index >= warmUp) times.push(performance.now() - start);
    }
    return { p50: percentile(times, 50), p99: percentile(times, 99) };
  },
};

function asker(channel: Channel): () => Promise<void> {
  const question = new Uint8Array(MESSAGE_SIZE).fill(7);
  const answered = new Count();
  let asked = 0;
  channel.read((chunk) => answered.add(chunk.length));
  return () => {
    asked += MESSAGE_SIZE;
    channel.write(question);
    return answered.reaches(asked);
  };
}

/** Yields to the event loop: otherwise the producer, not the link, would keep the answer waiting. */
async function* endless(): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(BULK_CHUNK).fill(7);
  for (;;) {
    yield chunk;
    await turn();
  }
}

const MESSAGE_SIZE = 64;
const BULK_CHUNK = 131_072;
