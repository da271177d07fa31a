import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['spec/**/*.spec.ts'],
    exclude: ['spec/browser/**'],
    // Two cores: more workers than that only make timing worse.
    maxWorkers: 2,
    testTimeout: 20_000,
    coverage: { include: ['lib/**/*.ts'], exclude: ['lib/cli/main.ts'], reporter: ['text-summary', 'html'] },
  },
});
