/** Threshold rules in words: each form is read, everything else refused with what was expected. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../../src/domain/costs.ts';
import { parseThresholdRule, type THRESHOLD_FORMS } from '../../src/training/threshold-words.ts';
import { chooseThresholds } from '../../src/training/thresholds.ts';

const EXAMPLES = {
  'cost-optimal': ['cost-optimal', { kind: 'cost-optimal', blockPrecision: 0.5 }],
  fixed: ['fixed:0.5,0.7', { kind: 'fixed', review: 0.5, block: 0.7 }],
  'f-beta': ['f-beta:2', { kind: 'f-beta', beta: 2, blockPrecision: 0.5 }],
  'max-fpr': ['max-fpr:0.01', { kind: 'maximum-fpr', fpr: 0.01, blockPrecision: 0.5 }],
  precision: ['precision:0.9', { kind: 'target-precision', precision: 0.9, blockPrecision: 0.5 }],
  reviews: ['reviews:50', { kind: 'review-capacity', reviewsPerDay: 50, blockPrecision: 0.5 }],
} as const satisfies Readonly<Record<keyof typeof THRESHOLD_FORMS, readonly [string, object]>>;

describe('parseThresholdRule', () => {
  it.each(Object.values(EXAMPLES))('reads %s', (text, rule) => {
    expect(parseThresholdRule(text, 0.5)).toEqual(rule);
  });

  it.each([
    'fixed', 'fixed:0.7', 'fixed:0.7,0.5', 'fixed:0.5,0.7,0.9', 'fixed:0,0.5', 'fixed:0.5,1.1', 'fixed:a,b', 'f-beta', 'f-beta:0', 'f-beta:x',
    'max-fpr:2', 'max-fpr:', 'precision:0', 'precision:1.5', 'reviews:-1', 'reviews:Infinity', 'cost-optimal:3', 'best', '', 'reviews:5:6',
  ])('refuses %j and says what there is', (text) => {
    expect(() => parseThresholdRule(text, 0.5)).toThrow(/threshold rule/);
  }); // prettier-ignore

  it('gives rules that thresholds can be chosen by', () => {
    const sample = {
      labels: Uint8Array.from({ length: 200 }, (_, row) => Number(row % 10 === 0)),
      scores: Float64Array.from({ length: 200 }, (_, row) => (row % 10 === 0 ? 0.6 : 0.1) + row / 1_000),
      amounts: new Float64Array(200).fill(80),
      days: 2,
    };
    for (const [text] of Object.values(EXAMPLES)) {
      const { review, block } = chooseThresholds(parseThresholdRule(text, 0.5), sample, DEFAULT_COSTS);
      expect(review).toBeLessThan(block);
    }
  });
});
