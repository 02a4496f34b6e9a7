/** The best split of a node, derived by hand. */
import { describe, expect, it } from 'vitest';
import { binColumns } from '../../src/trees/bins.ts';
import { layOut, sumHistogram } from '../../src/trees/histogram.ts';
import { findSplit, type SplitRules } from '../../src/trees/split.ts';

const RULES: SplitRules = { l2: 1, minimumChildWeight: 0, minimumGain: 0, monotone: undefined };

/** Best split of one column whose rows have these gradients and second derivative 1. */
function splitOf(values: number[], gradients: number[], rules: Partial<SplitRules> = {}) {
  const binned = binColumns([Float64Array.from(values)], 255);
  const layout = layOut(binned);
  const pairs = Float64Array.from(gradients.flatMap((gradient) => [gradient, 1]));
  const cells = new Float64Array(2 * layout.start[1]!);
  sumHistogram(layout, pairs, Uint32Array.from(values.keys()), 0, values.length, cells);
  const gradient = gradients.reduce((sum, x) => sum + x, 0);
  const sums = { gradient, curvature: values.length, lower: -Infinity, upper: Infinity };
  return findSplit(layout, cells, Int32Array.of(0), sums, { ...RULES, ...rules });
}

describe('a split', () => {
  it('saves half of what the squared sums over (rows + l2) gain', () => {
    // Left {1, 2}: 2²/(2+1); right {3}: 4²/(1+1); together −2: 2²/(3+1). Half of 4/3 + 8 − 1.
    expect(splitOf([1, 2, 3], [1, 1, -4])).toMatchObject({ lastLeft: 1, gain: (4 / 3 + 8 - 1) / 2, leftGradient: 2 });
  });

  it('is none when nothing is gained, or less than asked', () => {
    expect(splitOf([1, 2, 3, 4], [1, 1, 1, 1], { l2: 0 })).toBeUndefined();
    expect(splitOf([1, 2, 3], [1, 1, -4], { minimumGain: 5 })).toBeUndefined();
  });

  it('leaves each child the weight asked for', () => {
    expect(splitOf([1, 2, 3, 4], [9, -3, -3, -3])).toMatchObject({ lastLeft: 0 });
    expect(splitOf([1, 2, 3, 4], [9, -3, -3, -3], { minimumChildWeight: 2 })).toMatchObject({ lastLeft: 1 });
  });

  it('sends missing values to the side they resemble', () => {
    expect(splitOf([1, 2, 3, NaN], [2, 2, -2, -2])).toMatchObject({ lastLeft: 1, missingLeft: false });
    expect(splitOf([1, 2, 3, NaN], [2, 2, -2, 2])).toMatchObject({ lastLeft: 1, missingLeft: true });
  });

  it('can part the missing from all values', () => {
    expect(splitOf([1, 2, 3, NaN], [1, 1, 1, -5])).toMatchObject({ lastLeft: 2, missingLeft: false });
  });

  it('sends missing values it has never seen to the heavier side', () => {
    expect(splitOf([1, 2, 3], [1, 1, -4])).toMatchObject({ missingLeft: true });
    expect(splitOf([1, 2, 3], [4, -1, -1])).toMatchObject({ missingLeft: false });
  });

  it('is refused when its values run against a constraint', () => {
    const rising = { monotone: Int8Array.of(1) };
    // Gradients fall with the feature, so values (minus the gradient) rise.
    expect(splitOf([1, 2, 3], [1, 1, -4], rising)).toMatchObject({ lastLeft: 1 });
    expect(splitOf([1, 2, 3], [-1, -1, 4], rising)).toBeUndefined();
  });
});
