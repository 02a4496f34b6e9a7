/** What is asked of every imported model. */
import { expect } from 'vitest';
import { type ImportedModel } from '../../src/formats/imported-model.ts';
import { modelFromDocument } from '../../src/learners/documents.ts';
import { type GoldenCase } from './golden-formats.ts';

/** Most that contributions may differ from the library's own. */
const CONTRIBUTION_TOLERANCE = 1e-5;

export interface Differences {
  /** Rows whose margin has other bits. */
  readonly otherBits: number;
  readonly largest: number;
}

export function marginDifferences(imported: ImportedModel, golden: GoldenCase): Differences {
  const errors = golden
    .rowsFor(imported)
    .map((row, index) => Math.abs(imported.model.margin(row) - golden.margins[index]!));
  return { otherBits: errors.filter((error) => error !== 0).length, largest: Math.max(...errors) };
}

/** Contributions equal the library's, add up to the margin, and survive storage with all their bits. */
export function expectExplained(imported: ImportedModel, golden: GoldenCase): void {
  const { model } = imported;
  const again = modelFromDocument(JSON.parse(JSON.stringify(model.toDocument())));
  golden.rowsFor(imported).forEach((row, index) => {
    const [values, stored] = [new Float64Array(row.length), new Float64Array(row.length)];
    const expected = model.addContributions(row, values, 1);
    const margin = model.margin(row);
    expect(values.reduce((sum, value) => sum + value, expected)).toBeCloseTo(margin, 9);
    expect([again.addContributions(row, stored, 1), ...stored, again.margin(row)]).toEqual([
      expected,
      ...values,
      margin,
    ]);
    const wanted = golden.contributions[index];
    if (wanted === undefined) return;
    const worst = Math.max(...[...values, expected].map((value, place) => Math.abs(value - wanted[place]!)));
    expect(worst, `row ${index}`).toBeLessThan(CONTRIBUTION_TOLERANCE);
  });
}
