import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // What measures a time runs alone, in vitest.ci.config.ts.
    exclude: ['test/faults/**', 'test/services/**', 'test/journeys/first-five-minutes.test.ts'],
    globalSetup: 'scripts/compile-kernels.mjs',
    testTimeout: 120_000, // on a machine that does other things, too
    hookTimeout: 180_000, // models are trained in them
    pool: 'forks',
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});
