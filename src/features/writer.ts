/** Writes a catalogue's features from the context into a vector. */
import { type Catalogue } from './catalogue.ts';
import { type Cell, type FeatureContext } from './context.ts';

/** Binds the catalogue to its context once; the writer returned fills `out` [features] on each call. */
export function createWriter(catalogue: Catalogue, context: FeatureContext): (out: Float64Array) => void {
  const cells: Cell[] = [];
  const cellFeatures: number[] = [];
  const computations: ((context: FeatureContext) => number)[] = [];
  const computed: number[] = [];
  for (const [index, { cell, compute }] of catalogue.features.entries()) {
    if (cell !== undefined) {
      cells.push(cell(context));
      cellFeatures.push(index);
    } else {
      computations.push(compute);
      computed.push(index);
    }
  }
  return (out) => {
    for (let i = 0; i < cells.length; i++) out[cellFeatures[i]!] = cells[i]!.values[cells[i]!.at]!;
    for (let i = 0; i < computations.length; i++) out[computed[i]!] = computations[i]!(context);
  };
}
