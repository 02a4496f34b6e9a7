/** How many were at most each bound, given in seconds for durations in microseconds. */
import { describe, expect, it } from 'vitest';
import { createBoundedHistogram } from '../../../src/adapters/prometheus/bounded-histogram.ts';

describe('createBoundedHistogram', () => {
  it('counts a duration at the first bound it does not exceed, and at all above', () => {
    const histogram = createBoundedHistogram([0.0003, 0.001, 0.0025]);
    for (const durationUs of [0, 300, 300.5, 1_000, 2_499, 2_501]) histogram.observe(durationUs);
    expect(histogram.count).toBe(6);
    expect(histogram.series()).toEqual({
      labels: {},
      buckets: [
        { bound: 0.0003, atMost: 2 },
        { bound: 0.001, atMost: 4 },
        { bound: 0.0025, atMost: 5 },
      ],
      count: 6,
      sum: expect.closeTo(0.0066005, 12),
    });
  });
});
