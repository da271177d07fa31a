import { type Role } from '../../../lib/options.js';
import { type LinkOptions } from '../../../lib/testing/linkedTransports.js';
import { type History, type Reaction, type Reading, type Step, type StreamPlan, type Trouble } from './History.js';
import { Random } from './Random.js';
import { randomLink } from './randomLink.js';
import { randomOptions } from './randomOptions.js';

/** The history of a seed. */
export function randomHistory(seed: number): History {
  const random = new Random(seed);
  const options = randomOptions(random);
  const link = randomLink(random);
  const volume = affordableVolume(options, link);
  const duration = random.skewed(1, 20_000);
  const count = random.skewed(1, 48);
  const context = { random, duration, volume: (random.chance(0.2) ? 4 : 1) * (volume / count) };
  const streams = Array.from({ length: count }, (_, name) => randomStream(name + 1, context));
  const isEchoed = streams.some(({ acceptor }) => acceptor.some((step) => step.do === 'echo'));
  return {
    options: isEchoed ? withRoomForFlights(options) : options,
    counters: randomCounters(random),
    link,
    accepting: { client: randomAccepting(random, duration), server: randomAccepting(random, duration) },
    streams: streams.sort((a, b) => a.at - b.at),
    troubles: random.chance(0.4) ? randomTroubles(random, duration) : [],
    lastWord: random.pick(ROLES),
  };
}

/**
 * An echo waits for the peer's credit. Where first flights go beyond all that a session has room for, it stops reading, and never
 * learns of that credit: what is overdrawn must be more than they are.
 */
function withRoomForFlights({ client, server }: History['options']): History['options'] {
  const { maxReceiveOverdraft: _, ...clientRest } = client;
  const { maxReceiveOverdraft: __, ...serverRest } = server;
  return { client: clientRest, server: serverRest };
}

/** Bytes. What is cut fine, by frames, chunks, windows or a small send buffer, has its price in events. */
function affordableVolume({ client, server }: History['options'], link: LinkOptions): number {
  const least = (...sizes: (number | string | undefined)[]) =>
    Math.min(...sizes.map((size) => (typeof size === 'number' ? size : PLENTY)));
  return Math.min(
    MAX_VOLUME,
    1000 * least(client.maxFrameSize, server.maxFrameSize),
    2000 * least(link.chunkSize, link.aToB?.chunkSize, link.bToA?.chunkSize),
    1000 * least(client.maxSendBuffer, server.maxSendBuffer),
    262_144 + 200 * least(client.maxStreamBuffer, server.maxStreamBuffer),
  );
}

interface Context {
  readonly random: Random;
  /** Milliseconds in which streams begin. */
  readonly duration: number;
  /** Bytes that a direction of a stream may carry, about. */
  readonly volume: number;
}

function randomStream(name: number, context: Context): StreamPlan {
  const { random, duration } = context;
  const openedBy = random.chance(0.65) ? 'client' : 'server';
  const isEchoed = random.chance(0.12);
  return {
    name,
    openedBy,
    at: random.between(0, duration),
    ...(random.chance(0.2) && { weight: random.between(1, 256) }),
    opener: randomScript(context),
    acceptor: isEchoed ? [{ after: random.skewed(0, 100), do: 'echo' }] : randomScript(context),
  };
}

function randomScript({ random, duration, volume }: Context): Step[] {
  const steps: Step[] = [];
  const isBusy = random.chance(0.7);
  const pace = random.chance(0.3) ? 0 : Math.max(1, duration / 20);
  const after = () => (random.chance(0.5) ? 0 : random.skewed(0, pace));
  const add = (step: Step) => void steps.push(step);
  if (random.chance(0.7)) add({ after: after(), do: 'read', how: randomReading(random) });
  const count = isBusy ? random.skewed(1, 16) : random.between(0, 2);
  for (let i = 0; i < count; i++) {
    const share = volume / Math.max(1, count);
    if (random.chance(0.75)) add({ after: after(), do: 'write', size: randomSize(random, share) });
    else add(randomTurn(random, after()));
  }
  if (random.chance(0.15)) {
    const sizes = Array.from({ length: random.skewed(0, 12) }, () => randomSize(random, volume / 12));
    add({ after: after(), do: 'send', sizes, preventClose: random.chance(0.3) });
  }
  if (random.chance(0.5)) add({ after: after(), do: 'complete' });
  if (random.chance(0.2)) add({ after: after(), do: random.chance(0.7) ? 'close' : 'abort' });
  if (random.chance(0.05)) add({ after: after(), do: 'complete' });
  return steps;
}

function randomTurn(random: Random, after: number): Step {
  switch (random.between(0, 7)) {
    case 0:
      return { after, do: 'stop' };
    case 2:
      return { after, do: 'intrude' };
    case 3:
    case 4:
      return { after, do: 'react', chunk: random.skewed(1, 20), reaction: randomReaction(random) };
    case 1:
      return { after, do: 'weigh', weight: random.between(1, 256) };
    default:
      return { after, do: 'read', how: randomReading(random) };
  }
}

function randomReaction(random: Random): Reaction {
  if (random.chance(0.03)) return { do: random.pick(['close session', 'destroy session']) };
  const how = random.pick(['write', 'write', 'stop', 'complete', 'close', 'abort'] as const);
  return how === 'write' ? { do: how, size: random.skewed(0, 20_000) } : { do: how };
}

function randomSize(random: Random, share: number): number {
  const size = random.chance(0.1) ? random.skewed(0, 4 * share) : random.skewed(0, share);
  return Math.min(Math.floor(size), MAX_WRITE);
}

function randomReading(random: Random): Reading {
  switch (random.between(0, 9)) {
    case 0:
    case 1:
    case 2:
      return { kind: 'flow' };
    case 3:
      return { kind: 'some', chunks: random.skewed(1, 20) };
    case 4:
    case 5:
    case 6: {
      const delays = Array.from({ length: random.between(1, 4) }, () => random.skewed(0, 200));
      return { kind: 'work', delays, concurrency: random.pick([1, 1, 2, 5, Number.POSITIVE_INFINITY]) };
    }
    case 7:
      return { kind: 'failing', chunks: random.skewed(1, 10) };
    case 8: {
      const grants = Array.from({ length: random.skewed(1, 30) }, () => random.skewed(0, 50_000));
      return { kind: 'granted', grants, interval: random.skewed(0, 100) };
    }
    default:
      return { kind: 'batches', size: random.skewed(1000, 200_000), pause: random.skewed(0, 200) };
  }
}

function randomCounters(random: Random): History['counters'] {
  if (random.chance(0.6)) return { client: {}, server: {} };
  const nearWrap = () =>
    random.chance(0.5) ? 0xffff_ffff - random.skewed(0, 300_000) : random.between(0, 0xffff_ffff);
  const [up, down] = [nearWrap(), nearWrap()];
  const first = (role: Role) => {
    if (random.chance(0.5)) return {};
    const last = role === 'client' ? 0xffff_ffff : 0xffff_fffe;
    return { nextStreamId: last - 2 * random.pick([0, 5, 40, 1000, 0x4000_0000]) };
  };
  return {
    client: { sent: up, consumed: down, ...first('client') },
    server: { sent: down, consumed: up, ...first('server') },
  };
}

function randomAccepting(random: Random, duration: number): number[] {
  if (random.chance(0.8)) return [];
  return Array.from({ length: random.between(1, 4) }, () => random.between(0, duration)).sort((a, b) => a - b);
}

function randomTroubles(random: Random, duration: number): Trouble[] {
  const trouble = (): Trouble => ({
    at: random.between(0, Math.ceil(duration * 1.5)),
    side: random.pick(ROLES),
    what: random.pick(['close', 'close', 'destroy', 'cut', 'silence', 'hang up']),
  });
  return Array.from({ length: random.chance(0.8) ? 1 : 2 }, trouble).sort((a, b) => a.at - b.at);
}

const ROLES: readonly Role[] = ['client', 'server'];
const PLENTY = 1 << 24;
/** Bytes. */
const MAX_VOLUME = 1 << 20;
const MAX_WRITE = 700_000;
