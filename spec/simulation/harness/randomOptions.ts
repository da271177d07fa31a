import { type Role, type SmuxOptions } from '../../../lib/options.js';
import { type Random } from './Random.js';

/** Options of two sessions that understand each other; one pair in a hundred does not speak the same version. */
export function randomOptions(random: Random): Record<Role, SmuxOptions> {
  const version = random.pick([1, 2, 2, 2] as const);
  const other = version === 1 ? 2 : 1;
  const serverVersion = random.chance(0.01) ? other : random.chance(0.4) ? 'auto' : version;
  // Two sides that hold their FINs until the other's would wait for each other.
  const holder = random.chance(0.1) ? random.pick(['client', 'server'] as const) : undefined;
  const silence = randomKeepAlive(random);
  return {
    client: { version, ...randomSide(random), ...silence(), ...(holder === 'client' && { holdFinUntilPeerFin: true }) },
    server: {
      version: serverVersion,
      ...randomSide(random),
      ...silence(),
      ...(holder === 'server' && { holdFinUntilPeerFin: true }),
      ...(random.chance(0.2) && { firstFrameTimeout: random.pick([0, 100, 5000]) }),
    },
  };
}

function randomSide(random: Random): SmuxOptions {
  const maybe = <T>(probability: number, value: () => T) => (random.chance(probability) ? value() : {});
  const buffers = maybe(0.5, () => {
    // With less than 64 bytes, a window at a time, a history may last for hours.
    const maxReceiveBuffer = random.skewed(random.chance(0.1) ? 64 : 1000, 2_000_000);
    return {
      maxReceiveBuffer,
      ...maybe(0.7, () => ({ maxStreamBuffer: random.skewed(Math.min(maxReceiveBuffer, 500), maxReceiveBuffer) })),
    };
  });
  return {
    ...buffers,
    ...maybe(0.4, () => ({ maxFrameSize: random.skewed(random.chance(0.1) ? 1 : 200, 65_535) })),
    ...maybe(0.3, () => ({ maxReceiveOverdraft: random.skewed(0, 1_000_000) })),
    ...maybe(0.2, () => ({ maxSendBuffer: random.skewed(1, 2_000_000) })),
    ...maybe(0.2, () => ({ maxStreams: random.skewed(0, 30) })),
    ...maybe(0.2, () => ({ acceptBacklog: random.skewed(0, 20) })),
    ...maybe(0.3, () => ({ closeTimeout: random.skewed(10, 60_000) })),
    ...maybe(0.3, () => ({ drainTimeout: random.skewed(0, 10_000) })),
    ...maybe(0.2, () => ({ finLinger: random.skewed(1, 500) })),
    ...maybe(0.2, () => ({ holdFirstFrames: random.skewed(1, 500) })),
  };
}

/** Each side sends often enough for the other one's patience. */
function randomKeepAlive(random: Random): () => SmuxOptions {
  if (random.chance(0.4)) return () => ({});
  if (random.chance(0.3)) return () => ({ keepAliveDisabled: true });
  const longest = random.skewed(500, 20_000);
  return () => ({
    keepAliveInterval: random.between(Math.ceil(longest / 4), longest),
    keepAliveTimeout: longest * random.between(3, 6),
  });
}
