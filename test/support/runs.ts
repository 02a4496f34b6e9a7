/** Training runs to begin a test from. */
import { type Run, type RunFacts, type RunMetric } from '../../src/ports/tracking.ts';

export const FACTS: RunFacts = {
  source: 'sentinel train',
  commit: '0123456789abcdef0123456789abcdef01234567',
  modified: false,
  user: 'ada',
  parameters: { learners: 'tree', seed: '1' },
};

export const aMetric = (name: string, value: number, step = 0): RunMetric => ({ name, value, step, timeMs: 1_767_225_600_000 }); // prettier-ignore

export function aRun(overrides: Partial<Run> = {}): Run {
  return {
    ...FACTS,
    id: '0f'.repeat(16),
    status: 'running',
    startedMs: 1_767_225_600_000,
    metrics: [],
    inputs: [],
    artifacts: [],
    importance: [],
    ...overrides,
  };
}
