/** Models written as ONNX; the real runtime scores with them in test/services/formats.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../../src/formats/onnx/protobuf.ts';
import { readOnnx } from '../../../src/formats/onnx/read.ts';
import { writeOnnx } from '../../../src/formats/onnx/write.ts';
import { createPlatt } from '../../../src/learners/calibration/platt.ts';
import { createBoostingLearner } from '../../../src/learners/boosting.ts';
import { createForestLearner } from '../../../src/learners/forest.ts';
import { type Model } from '../../../src/learners/protocol.ts';
import { someModels } from '../../support/exported-models.ts';
import { aTrainingSet } from '../../support/training-sets.ts';

const calibrator = createPlatt(1.2, -0.4).toDocument();
const written = (model: Model, names: readonly string[]): Uint8Array =>
  writeOnnx({ model: model.toDocument(), calibrator, names, version: 'v20260101_120000' });

describe('writing ONNX', () => {
  it('keeps the margins of any trees over numbers', () => {
    const shape = fc.record({
      seed: fc.integer({ min: 1, max: 1_000 }),
      growth: fc.constantFrom('depth-wise', 'leaf-wise', 'symmetric', 'forest'),
      missing: fc.constantFrom(0, 0.1, 0.5),
    });
    fc.assert(
      fc.property(shape, ({ seed, growth, missing }) => {
        const set = aTrainingSet({ rows: 200, seed, missing });
        const learner =
          growth === 'forest'
            ? createForestLearner(growth, { trees: 5, maximumDepth: 5 })
            : createBoostingLearner(growth, { growth, rounds: 8 });
        const model = learner.fit(set, { seed });
        const read = readOnnx(written(model, set.names));
        expect(read.features.map(({ name }) => name)).toEqual(set.names);
        for (let row = 0; row < set.rows; row++) {
          const cells = Float64Array.from(set.values, (column) => column[row]!);
          expect(read.model.margin(cells)).toBeCloseTo(model.margin(cells), 12);
        }
      }),
      { numRuns: 25 },
    );
  });

  it.each(someModels(2))('writes a model of kind $name with one input and two outputs', ({ model }) => {
    const { graph, opset_import, metadata_props } = decodeModel(written(model, ['x0', 'x1', 'x2', 'category']));
    expect(graph.input.map(({ name }) => name)).toEqual(['features']);
    expect(graph.output.map(({ name }) => name)).toEqual(['margin', 'probability']);
    expect(opset_import.map(({ domain = '', version }) => [domain, version])).toEqual([['', 17], ['ai.onnx.ml', 4]]); // prettier-ignore
    expect(metadata_props.find(({ key }) => key === 'feature_names')?.value).toBe('["x0","x1","x2","category"]');
    // Every node reads what is there before it.
    const known = new Set(['features', '', ...graph.initializer.map(({ name }) => name)]);
    for (const node of graph.node) {
      expect(node.input.filter((name) => !known.has(name))).toEqual([]);
      node.output.forEach((name) => known.add(name));
    }
  });
});
