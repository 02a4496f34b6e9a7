/** The alarm rings for copies of the label in any guise, and stays silent for honest features. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/stats/random.ts';
import { suspiciousFeatures } from '../../src/training/leak-alarm.ts';
import { type TrainingTable } from '../../src/training/table.ts';
import { aTrainedEnsemble } from '../support/trained-ensembles.ts';
import { aTrainingTable } from '../support/training-tables.ts';

const table = aTrainingTable({ rows: 3_000, intercept: -2.5 });
const withColumn = (values: Float64Array, kind: 'numeric' | 'category' = 'numeric'): TrainingTable => ({
  ...table,
  names: [...table.names, 'planted'],
  kinds: [...table.kinds, kind],
  values: [...table.values, values],
});

const random = createRandom(5);
const GUISES: Readonly<Record<string, readonly [Float64Array, 'numeric' | 'category']>> = {
  'the label': [Float64Array.from(table.labels), 'numeric'],
  'the label turned round and scaled': [Float64Array.from(table.labels, (label) => 1e9 - 3 * label), 'numeric'],
  'missing for frauds only': [Float64Array.from(table.labels, (label) => (label === 1 ? NaN : random.normal())), 'numeric'],
  'the label with noise': [Float64Array.from(table.labels, (label) => label + 0.1 * random.normal()), 'numeric'],
  'a name that says it': [Float64Array.from(table.labels, (label) => 7_000 + 13 * label), 'category'],
}; // prettier-ignore

describe('suspiciousFeatures', () => {
  it('is silent for features that are merely good', () => {
    expect(suspiciousFeatures(table)).toEqual([]);
  });

  it.each(Object.entries(GUISES))('names a feature that is %s', (_, [values, kind]) => {
    const found = suspiciousFeatures(withColumn(values, kind));
    expect(found.map(({ feature }) => feature)).toEqual(['planted']);
    expect(found[0]!.rocAuc).toBeGreaterThan(0.99);
  });

  it('does not take names that occur once for knowledge', () => {
    expect(suspiciousFeatures(withColumn(Float64Array.from(table.labels.keys()), 'category'))).toEqual([]);
    expect(suspiciousFeatures(withColumn(new Float64Array(table.rows).fill(7), 'category'))).toEqual([]);
    expect(
      suspiciousFeatures(
        withColumn(
          Float64Array.from(table.labels, (_, row) => row % 300),
          'category',
        ),
      ),
    ).toEqual([]);
  });

  it('gives the correlation with the label its sign', () => {
    const [found] = suspiciousFeatures(withColumn(Float64Array.from(table.labels, (label) => -label)));
    expect(found!.correlation).toBeCloseTo(-1, 12);
  });

  it('says nothing of a column that is empty or constant, nor of one class', () => {
    expect(suspiciousFeatures(withColumn(new Float64Array(table.rows).fill(NaN)))).toEqual([]);
    expect(suspiciousFeatures(withColumn(new Float64Array(table.rows).fill(4)))).toEqual([]);
    expect(suspiciousFeatures({ ...table, labels: new Uint8Array(table.rows) })).toEqual([]);
  });

  it('reaches whoever trains', () => {
    const leaking = withColumn(Float64Array.from(table.labels));
    expect(aTrainedEnsemble(leaking).suspicious.map(({ feature }) => feature)).toEqual(['planted']);
  });
});
