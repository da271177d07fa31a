import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['spec/**/*.spec.ts'],
    exclude: ['spec/browser/**'],
    // Two cores: more workers than that only make timing worse.
    maxWorkers: 2,
    testTimeout: 20_000,
    expect: { poll: { timeout: 10_000 } }, // a process starts slowly on a busy machine
    // Copies of what has been built: to be run as they are.
    server: { deps: { external: [/\/dist\/mutants\//] } },
    coverage: { include: ['lib/**/*.ts'], exclude: ['lib/cli/main.ts'], reporter: ['text-summary', 'html'] },
  },
});
