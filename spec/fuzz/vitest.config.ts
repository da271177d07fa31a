import { defineConfig } from 'vitest/config';
import specs from '../vitest.config.js';

/** Ten million frames: `npm run fuzz`. */
export default defineConfig({
  ...specs,
  test: { ...specs.test, include: ['spec/fuzz/*.spec.ts'], env: { RX_SMUX_FUZZ_FRAMES: '10000000' } },
});
