import { defineConfig } from 'vitest/config';

/** Processes are killed, disks fill up and files are damaged: slower than the unit tests, and one after another. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
