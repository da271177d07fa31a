import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The specs against live peers of KCP, which take minutes: `npm run test:kcp`. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['spec/kcp/live/*.live.ts'],
    maxWorkers: 3, // one of them mostly waits for the patience of a peer to end
    testTimeout: 90_000,
    hookTimeout: 180_000,
  },
});
