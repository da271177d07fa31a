import { defineConfig } from 'vitest/config';
import specs from '../vitest.config.js';

/** Attacks, faults and fuzz in their full form: `npm run test:hostile`. */
export default defineConfig({
  ...specs,
  test: {
    ...specs.test,
    include: ['spec/hostile/*.spec.ts', 'spec/fuzz/*.spec.ts', 'spec/traps.spec.ts'],
    env: { RX_SMUX_HOSTILE: 'full', RX_SMUX_FUZZ_FRAMES: '1000000' },
  },
});
