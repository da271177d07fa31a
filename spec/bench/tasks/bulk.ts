import { setImmediate as turn } from 'node:timers/promises';
import { jain } from './jain.js';
import { Meter } from './Meter.js';
import { type Task } from './Task.js';

export interface BulkParameters {
  readonly streams: number;
  readonly chunkSize: number;
  /** Bytes over all streams. */
  readonly warmUp: number;
  readonly size: number;
  /** Producers wait for a turn of the event loop after each chunk; others hand over as long as they are let. */
  readonly doesYield: boolean;
}

/** Moves bytes one way, over one stream or many. */
export const bulk: Task<BulkParameters> = {
  async serve(link, { streams, warmUp, size }) {
    const received = new Array<number>(streams).fill(0);
    let before: readonly number[] = received;
    const meter = new Meter(warmUp, size, () => {
      before = received.slice();
    });
    let count = 0;
    link.accept((channel) => {
      const index = count++;
      channel.read((chunk) => {
        received[index] = (received[index] ?? 0) + chunk.length;
        meter.add(chunk.length);
      });
    });
    const { seconds, cpu } = await meter.reading;
    const shares = received.map((bytes, index) => bytes - (before[index] ?? 0));
    return {
      bytesPerSecond: size / seconds,
      cpuPerGb: (cpu * 1e9) / size,
      // A peer whose streams are one and the same has no shares.
      ...(count > 1 && { jain: jain(shares), starved: shares.filter((bytes) => bytes === 0).length }),
    };
  },

  async drive(link, { streams, chunkSize, warmUp, size, doesYield }) {
    const meter = new Meter(warmUp, size);
    const chunk = new Uint8Array(chunkSize).fill(7);
    for (let index = 0; index < streams; index++) {
      const channel = await link.open();
      channel.pump(doesYield ? yielding(chunk, meter) : eager(chunk, meter));
    }
    const { cpu } = await meter.reading;
    return { cpuPerGb: (cpu * 1e9) / size };
  },
};

function* eager(chunk: Uint8Array, meter: Meter): Generator<Uint8Array> {
  while (!meter.hasEnough) {
    meter.add(chunk.length);
    yield chunk;
  }
}

async function* yielding(chunk: Uint8Array, meter: Meter): AsyncGenerator<Uint8Array> {
  while (!meter.hasEnough) {
    meter.add(chunk.length);
    yield chunk;
    await turn();
  }
}
