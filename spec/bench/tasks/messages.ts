import { type Channel } from '../peers/Peer.js';
import { Meter } from './Meter.js';
import { type Task } from './Task.js';

export interface MessagesParameters {
  /** Streams that are open. */
  readonly streams: number;
  /** How many of them carry messages. */
  readonly busy: number;
  /** Messages over all streams. */
  readonly warmUp: number;
  readonly count: number;
}

/** 64-byte messages one way: at each turn of the event loop one a stream, each with a write of its own. */
export const messages: Task<MessagesParameters> = {
  async serve(link, { warmUp, count }) {
    const meter = new Meter(warmUp * MESSAGE_SIZE, count * MESSAGE_SIZE);
    link.accept((channel) => channel.read((chunk) => meter.add(chunk.length)));
    const { seconds, cpu } = await meter.reading;
    return { messagesPerSecond: count / seconds, secondsPerMessage: seconds / count, cpuPerMessage: cpu / count };
  },

  async drive(link, { streams, busy, warmUp, count }) {
    const all: Channel[] = [];
    for (let index = 0; index < streams; index++) all.push(await link.open());
    const distance = Math.floor(streams / busy);
    const channels = all.filter((_, index) => index % distance === 0).slice(0, busy);
    const message = new Uint8Array(MESSAGE_SIZE).fill(7);
    const meter = new Meter(warmUp, count);
    const sendRound = () => {
      for (const channel of channels) {
        if (!channel.isWritable) continue;
        channel.write(message);
        meter.add(1);
      }
      setImmediate(sendRound);
    };
    sendRound();
    const { cpu } = await meter.reading;
    return { cpuPerMessage: cpu / count };
  },
};

const MESSAGE_SIZE = 64;
