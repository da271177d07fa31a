import { describe, expect, it } from 'vitest';
import { chain, echo, type Ours } from './chain.js';
import { isFullForm, MB } from './form.js';
import { hasKcptun } from './peers.js';

/** What both ends can be set to, and what the network may lose: all combinations, or a choice of them. */
export function matrix(ours: Ours): void {
  describe.skipIf(!hasKcptun)(`kcptun, where our end is the ${ours}`, () => {
    const settings = combinations(ours === 'client' ? 0 : 4);
    it.each(settings)('carries 50 MB each way where %i in 100 datagrams are lost: %s', async (loss, flags) => {
      const { sent, received } = await echo(await chain(ours, flags.split(' '), { loss: loss / 100 }), 50 * MB);
      expect(received).toBe(sent);
    });
  });
}

/** In the short form, each mode with each loss, and with one of the variants. */
function combinations(first: number): readonly (readonly [number, string])[] {
  return MODES.flatMap((mode) => LOSSES.map((loss) => [mode, loss] as const)).flatMap(([mode, loss], index) => {
    const variants = isFullForm ? VARIANTS : [VARIANTS[(first + index) % VARIANTS.length]];
    return variants.map((variant) => [loss, `--mode ${mode} ${variant}`] as const);
  });
}

const MODES = ['normal', 'fast', 'fast2', 'fast3'];
/** Per cent of the datagrams, each way. */
const LOSSES = [0, 5, 20];
const VARIANTS = ['1', '2'].flatMap((version) =>
  ['aes', 'none'].flatMap((crypt) =>
    ['', ' --nocomp'].map(
      (compression) => `--smuxver ${version} --crypt ${crypt}${compression} --datashard 10 --parityshard 3`,
    ),
  ),
);
