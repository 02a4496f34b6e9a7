import { defineConfig } from 'vitest/config';

/** The suites too slow for `npm test`: faults (kill -9, torn writes, full disks) and real servers, one file at a time. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts', 'test/services/**/*.test.ts', 'test/journeys/first-five-minutes.test.ts'],
    globalSetup: ['scripts/compile-kernels.mjs', 'test/support/servers.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
