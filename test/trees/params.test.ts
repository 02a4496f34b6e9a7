/** Knobs: defaults filled in, bounds kept. */
import { describe, expect, it } from 'vitest';
import {
  BOOSTING_KNOBS,
  boostingParameters,
  FOREST_KNOBS,
  forestParameters,
  type Knob,
} from '../../src/trees/params.ts';

describe('knobs', () => {
  it('have defaults within their own bounds, and say what they mean', () => {
    for (const knob of [...Object.values(BOOSTING_KNOBS), ...Object.values(FOREST_KNOBS)] as Knob[]) {
      expect(knob.initial).toBeGreaterThanOrEqual(knob.minimum);
      expect(knob.initial).toBeLessThanOrEqual(knob.maximum);
      expect(knob.meaning).not.toBe('');
    }
  });

  it('take defaults where nothing is given', () => {
    expect(boostingParameters()).toMatchObject({ growth: 'leaf-wise', rounds: 200, monotone: {} });
    expect(forestParameters({ trees: 7 })).toMatchObject({ trees: 7, bootstrap: 1 });
  });

  it.each([
    [{ learningRate: 0 }, 'invalid learningRate: 0 (expected a number from 0.0001 to 1)'],
    [{ rounds: 1.5 }, 'invalid rounds: 1.5 (expected a whole number from 1 to 10000)'],
    [{ l2: NaN }, 'invalid l2: NaN'],
    [{ growth: 'sideways' as never }, 'invalid growth: sideways'],
    [{ growth: 'symmetric' as const, monotone: { 0: 1 as const } }, 'invalid monotone'],
  ])('refuse %j', (given, message) => {
    expect(() => boostingParameters(given)).toThrow(message);
  });
});
