/** When a label arrives. */
import { describe, expect, it } from 'vitest';
import { labelOf } from '../../src/datasets/labels.ts';

const cells = (isFraud: number, arrivalMs = NaN, campaign?: string) => ({ isFraud, arrivalMs, campaign });

describe('a label', () => {
  it('arrives after the mapping’s delay when the data does not say', () => {
    expect(labelOf(cells(1), 100, 50, undefined)).toEqual({ isFraud: true, arrivalMs: 150 });
    expect(labelOf(cells(0), 100, 50, undefined)).toEqual({ isFraud: false, arrivalMs: 150 });
  });

  it('arrives when the data says, but never before its payment', () => {
    expect(labelOf(cells(1, 120), 100, 50, undefined)?.arrivalMs).toBe(120);
    expect(labelOf(cells(1, 80), 100, 50, undefined)?.arrivalMs).toBe(100);
  });

  it('is absent for an empty cell', () => {
    expect(labelOf(cells(NaN, 120), 100, 50, undefined)).toBeUndefined();
  });

  it('masks a card number in a campaign, as the service does: model cards name them', () => {
    expect(labelOf(cells(1, NaN, 'skimmed 4111 1111 1111 1111'), 0, 0, undefined)?.campaign).toBe(
      'skimmed 411111******1111',
    );
  });

  it('names the campaign of a fraud only, renamed when the mapping says so', () => {
    expect(labelOf(cells(1, NaN, '2'), 0, 0, { '2': 'ring' })?.campaign).toBe('ring');
    expect(labelOf(cells(1, NaN, '3'), 0, 0, { '2': 'ring' })?.campaign).toBe('3');
    expect(labelOf(cells(0, NaN, '2'), 0, 0, { '2': 'ring' })).not.toHaveProperty('campaign');
  });
});
