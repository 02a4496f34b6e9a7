/** Recall by kind of fraud and drift of inputs: counted as defined, and shown on the card. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/stats/random.ts';
import { inputDrift } from '../../src/training/input-drift.ts';
import { createModelCard } from '../../src/training/model-card/card.ts';
import { renderModelCard } from '../../src/training/model-card/page.ts';
import { scenarioRecall } from '../../src/training/scenario-recall.ts';
import { aTrainedEnsemble, cardFacts } from '../support/trained-ensembles.ts';
import { aTrainingTable } from '../support/training-tables.ts';

describe('scenarioRecall', () => {
  it('adds up to all frauds, all flagged and all blocked, by name', () => {
    const aRow = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 10 }), fc.constantFrom('', 'stolen', 'testing'));
    fc.assert(
      fc.property(fc.array(aRow, { maxLength: 60 }), (rows) => {
        const labels = Uint8Array.from(rows, ([fraud]) => Number(fraud));
        const probabilities = Float64Array.from(rows, ([, tenths]) => tenths / 10);
        const amounts = new Float64Array(rows.length).fill(3);
        const scenarios = rows.map(([, , name]) => name);
        const recalls = scenarioRecall({ labels, probabilities, amounts }, scenarios, { review: 0.4, block: 0.8 });
        for (const { scenario, frauds, flagged, blocked, amount, amountFlagged } of recalls) {
          const own = rows.filter(([fraud, , name]) => fraud && name === scenario);
          expect([frauds, amount]).toEqual([own.length, 3 * own.length]);
          expect([flagged, amountFlagged / 3]).toEqual(Array(2).fill(own.filter(([, tenths]) => tenths >= 4).length));
          expect(blocked).toBe(own.filter(([, tenths]) => tenths >= 8).length);
        }
        expect(recalls.reduce((sum, { frauds }) => sum + frauds, 0)).toBe(labels.reduce((sum, label) => sum + label, 0)); // prettier-ignore
      }),
    );
  });
});

describe('inputDrift', () => {
  const table = aTrainingTable({ rows: 3_000 });

  it('is nought for the same values and small for others drawn alike', () => {
    expect(inputDrift(table, table).every(({ psi }) => psi === 0)).toBe(true);
    for (const { psi } of inputDrift(table, aTrainingTable({ rows: 3_000, seed: 2 }))) expect(psi).toBeLessThan(0.03);
  });

  it('puts what has moved first, and counts values that went missing', () => {
    const random = createRandom(1);
    const strong = table.values[0]!.map((value) => value + 1);
    const weak = table.values[1]!.map((value) => (random.next() < 0.5 ? NaN : value));
    const [first, second, third] = inputDrift(table, { ...table, values: [strong, weak, ...table.values.slice(2)] });
    expect([first!.feature, second!.feature].sort()).toEqual(['strong', 'weak']);
    for (const { psi } of [first!, second!]) expect(psi).toBeGreaterThan(0.25);
    expect(third!.psi).toBe(0);
    const missing = [first!, second!].find(({ feature }) => feature === 'weak')!.missing;
    expect(missing[0]).toBe(0);
    expect(missing[1]).toBeCloseTo(0.5, 1);
  });

  it('equals the index by its definition on a worked example', () => {
    // Deciles of 1..10 put one value into each bin; the test has nine tenths of its values in the first and a tenth in the last.
    const column = Float64Array.from({ length: 10 }, (_, i) => i + 1);
    const test = Float64Array.from([1, 1, 1, 1, 1, 1, 1, 1, 1, 10]);
    const alone = { ...aTrainingTable({ rows: 10 }), names: ['x'], kinds: ['numeric'] as const };
    const { psi } = inputDrift({ ...alone, values: [column] }, { ...alone, values: [test] })[0]!;
    const term = (p: number, q: number): number => (q - p) * Math.log(q / p);
    expect(psi).toBeCloseTo(term(0.1, 0.9) + 8 * term(0.1, 1e-4) + term(0.1, 0.1), 9);
  });
});

describe('the card', () => {
  it('shows recall by kind of fraud where the data names it, and the drift of inputs', () => {
    const table = aTrainingTable({ rows: 3_000, intercept: -2.5 });
    const trained = aTrainedEnsemble(table);
    const scenarios = scenarioRecall(trained.test, Array(trained.test.labels.length).fill('stolen_card'), trained.thresholds); // prettier-ignore
    const page = renderModelCard(createModelCard(trained, cardFacts(table, { scenarios })));
    expect(page.includes('By kind of fraud')).toBe(true);
    expect(page.includes('>stolen card</th>')).toBe(true);
    expect(page.includes('Drift of inputs')).toBe(true);
    expect(renderModelCard(createModelCard(trained, cardFacts(table))).includes('By kind of fraud')).toBe(false);
  });
});
