/** What the service says of its own course since it started. */
import { describe, expect, it } from 'vitest';
import { createServiceFigures } from '../../src/usecases/service-figures.ts';

const clock = { nowMs: () => 0, monotonicUs: () => 0 };

describe('the latency of requests to score', () => {
  it('is that of single payments and batches; a stream lasts as long as its client likes', () => {
    const figures = createServiceFigures(clock);
    figures.request('/api/v1/predict/stream', 200, 3_600_000_000);
    expect(figures.read().latencyUs).toEqual({ p50: 0, p95: 0, p99: 0 });
    for (const route of ['/api/v1/predict', '/api/v1/predict/batch', '/predict']) figures.request(route, 200, 2_000);
    figures.request('/api/v1/labels', 200, 9_000_000);
    const { p50, p99 } = figures.read().latencyUs;
    expect([p50, p99].every((us) => Math.abs(us - 2_000) <= 20)).toBe(true);
  });
});

it('tells of a period that ends after it began, also when the clock was set back in it', () => {
  let [nowMs, elapsedUs] = [7_200_000, 0];
  const figures = createServiceFigures({ nowMs: () => nowMs, monotonicUs: () => elapsedUs });
  [nowMs, elapsedUs] = [7_260_000, 60_000_000];
  expect(figures.read()).toMatchObject({ sinceMs: 7_200_000, untilMs: 7_260_000 });
  [nowMs, elapsedUs] = [3_600_000, 90_000_000];
  expect(figures.read()).toMatchObject({ sinceMs: 3_510_000, untilMs: 3_600_000 });
});

it('takes the mean of the scores over the decisions that have one', () => {
  const figures = createServiceFigures(clock);
  expect(figures.read()).toMatchObject({ decisions: 0, averageScore: 0 });
  const durations = { featuresUs: 1, scoreUs: 1 };
  figures.decision('review', undefined, durations);
  expect(figures.read()).toMatchObject({ decisions: 1, averageScore: 0 });
  figures.decision('block', 0.75, durations);
  figures.decision('approve', 0.25, durations);
  expect(figures.read()).toMatchObject({ decisions: 3, averageScore: 0.5 });
});
