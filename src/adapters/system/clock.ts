/** The machine's clock. */
import { performance } from 'node:perf_hooks';
import { type Clock } from '../../ports/clock.ts';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicUs: () => performance.now() * 1_000,
};
