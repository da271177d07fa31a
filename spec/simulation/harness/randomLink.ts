import { type LinkDirection, type LinkOptions } from '../../../lib/testing/linkedTransports.js';
import { type Random } from './Random.js';

/** A link, from one that does not matter to one that is slow, uneven, cuts bytes fine and breaks. */
export function randomLink(random: Random): LinkOptions {
  return {
    seed: random.between(0, 0xffff),
    ...randomDirection(random),
    ...(random.chance(0.2) && { aToB: randomDirection(random) }),
    ...(random.chance(0.2) && { bToA: randomDirection(random) }),
    ...(random.chance(0.08) && randomLoss(random)),
  };
}

function randomDirection(random: Random): LinkDirection {
  return {
    ...(random.chance(0.7) && { latency: random.skewed(0, 300) }),
    ...(random.chance(0.2) && { jitter: random.skewed(1, 100) }),
    ...(random.chance(0.2) && { bandwidth: random.skewed(50_000, 50_000_000) }),
    ...(random.chance(0.4) && { chunkSize: random.chance(0.5) ? 'random' : random.skewed(1, 20_000) }),
    ...(random.chance(0.5) && { sendBuffer: random.skewed(1, 400_000) }),
  };
}

/** At any byte, inside a frame too. */
function randomLoss(random: Random): LinkOptions {
  const size = random.skewed(0, 300_000);
  switch (random.between(0, 3)) {
    case 0:
      return { silentAfterBytes: size };
    case 1:
      return { aToB: { silentAfterBytes: size } };
    case 2:
      return { bToA: { silentAfterBytes: size } };
    default:
      return { breakAfterBytes: size };
  }
}
