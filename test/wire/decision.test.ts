/** Answers written by hand equal what JSON.stringify would write, for any texts and numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecisionRecord } from '../../src/journal/record.ts';
import { createDecisionEncoder } from '../../src/wire/decision.ts';
import { aDecisionRecord } from '../support/journal-records.ts';
import { aTransaction } from '../support/transactions.ts';

const FEATURES = [
  { name: 'amount', kind: 'numeric' },
  { name: 'card_type', kind: 'category' },
] as const;
const encode = createDecisionEncoder([
  { hash: 'c', features: FEATURES },
  { hash: 'c1', features: FEATURES },
  { hash: 'older', features: [{ name: 'card_type', kind: 'category' }] },
]);
const rounded = (value: number, scale: number): number | null =>
  Number.isFinite(value) ? Math.round(value * scale) / scale : null;

describe('createDecisionEncoder', () => {
  it('writes valid JSON with the values given', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(
        fc.record({ id: anything, text: anything, model: anything, rules: fc.array(anything), cardType: anything }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double(),
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.boolean(),
        ({ id, text, model, rules, cardType }, probability, value, contribution, cached) => {
          const decision = aDecisionRecord({
            transaction: aTransaction({ transactionId: id, cardType }),
            probability,
            vector: Float64Array.of(value, 77),
            contributions: Float64Array.of(contribution, 0),
            reasons: [0, 1].map((feature) => ({ feature, text })),
            rules,
            versions: { model, policy: 'p', lists: 'l', tables: 0, catalogue: 'c' },
          });
          const answer = JSON.parse(encode(decision, cached)) as unknown;
          expect(answer).toEqual({
            transaction_id: id,
            fraud_score: Math.round(probability * 1e4) / 1e4,
            prediction: false,
            confidence: probability >= 0.8 ? 'high' : probability >= 0.5 ? 'medium' : 'low',
            decision: 'approve',
            risk_level: 'low',
            reasons: [
              {
                feature: 'amount',
                value: Number.isFinite(value) ? value + 0 : null,
                contribution: rounded(contribution, 1e6)! + 0,
                text,
              },
              { feature: 'card_type', value: cardType, contribution: 0, text },
            ],
            rules,
            model_version: model,
            policy_version: 'p',
            inference_time_ms: 0.04,
            cached,
          });
        },
      ),
    );
  });

  it('writes decimals as JSON.stringify does', () => {
    const millionths = fc.oneof(
      fc.integer({ min: -3e9, max: 3e9 }),
      fc.integer({ min: -1_200, max: 1_200 }),
      fc.maxSafeInteger(),
    );
    fc.assert(
      fc.property(
        millionths,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (contribution, probability, totalUs) => {
          const decision = aDecisionRecord({
            probability,
            vector: Float64Array.of(1, 1),
            contributions: Float64Array.of(contribution / 1e6, 0),
            reasons: [{ feature: 0, text: '' }],
            durations: { featuresUs: 0, scoreUs: 0, totalUs },
          });
          const text = encode(decision, false);
          expect(text).toContain(`"contribution":${JSON.stringify(rounded(contribution / 1e6, 1e6)! + 0)},`);
          expect(text).toContain(`"fraud_score":${JSON.stringify(rounded(probability, 1e4))},`);
          expect(text).toContain(`"inference_time_ms":${JSON.stringify(totalUs / 1_000)},`);
        },
      ),
    );
  });

  it('gives null for a missing value and for contributions not yet computed', () => {
    const decision: Partial<DecisionRecord> = { ...aDecisionRecord({ vector: Float64Array.of(NaN, NaN) }) };
    delete (decision as { contributions?: unknown }).contributions;
    const [reason] = (JSON.parse(encode(decision as DecisionRecord, false)) as { reasons: unknown[] }).reasons;
    expect(reason).toMatchObject({ feature: 'amount', value: null, contribution: null });
  });

  it('names the features of another catalogue as that one does, or by their place where it is not known', () => {
    const reasonsBy = (catalogue: string): unknown => {
      const decision = aDecisionRecord({
        transaction: aTransaction({ cardType: 'visa' }),
        vector: Float64Array.of(77, 5),
        contributions: Float64Array.of(1, 2),
        reasons: [0, 1].map((feature) => ({ feature, text: '' })),
        versions: { ...aDecisionRecord().versions, catalogue },
      });
      return (JSON.parse(encode(decision, true)) as { reasons: unknown }).reasons;
    };
    expect(reasonsBy('older')).toMatchObject([
      { feature: 'card_type', value: 'visa', contribution: 1 },
      { feature: 'feature_2', value: 5, contribution: 2 },
    ]);
    expect(reasonsBy('unknown')).toMatchObject([
      { feature: 'feature_1', value: 77, contribution: 1 },
      { feature: 'feature_2', value: 5, contribution: 2 },
    ]);
  });

  it('writes the repeat as the first answer but for cached', () => {
    const decision = aDecisionRecord();
    expect(encode(decision, true)).toBe(encode(decision, false).replace('"cached":false', '"cached":true'));
  });

  it('gives the text of a category that stands in an attribute', () => {
    const category = { attribute: 'DeviceInfo', form: 'device_vendor' } as const;
    const encodeWide = createDecisionEncoder([
      { hash: 'wide', features: [{ name: 'DeviceInfo_vendor', kind: 'category', category }] },
    ]);
    const valueFor = (attributes: Readonly<Record<string, string>>): unknown => {
      const decision = aDecisionRecord({
        transaction: aTransaction({ attributes }),
        vector: Float64Array.of(77),
        reasons: [{ feature: 0, text: '' }],
        versions: { model: 'm', policy: 'p', lists: 'l', tables: 0, catalogue: 'wide' },
      });
      return (JSON.parse(encodeWide(decision, false)) as { reasons: { value: unknown }[] }).reasons[0]?.value;
    };
    expect(valueFor({ DeviceInfo: 'SM-G930V' })).toBe('samsung');
    expect(valueFor({})).toBeNull();
  });
});
