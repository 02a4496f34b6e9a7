/** Models of ours of every kind, trained in a moment, to be written in other formats. */
import { createBoostingLearner } from '../../src/learners/boosting.ts';
import { createEncodedLearner } from '../../src/learners/encoded-model.ts';
import { createForestLearner } from '../../src/learners/forest.ts';
import { createLogisticLearner } from '../../src/learners/logistic.ts';
import { type Learner, type Model } from '../../src/learners/protocol.ts';
import { createStack } from '../../src/learners/stack.ts';
import { aTrainingSetWithCategory } from './training-sets.ts';

const boosting = (name: string, growth: 'depth-wise' | 'leaf-wise' | 'symmetric'): Learner =>
  createEncodedLearner(createBoostingLearner(name, { growth, rounds: 20, maximumDepth: 4 }), {
    encodings: growth === 'symmetric' ? ['target', 'frequency'] : ['ordinal'],
  });

const LEARNERS: readonly Learner[] = [
  boosting('depth-wise', 'depth-wise'),
  boosting('leaf-wise', 'leaf-wise'),
  createEncodedLearner(createBoostingLearner('leaf-wise-sets', { rounds: 20, maximumDepth: 4, categorySmoothing: 1 }), {
    encodings: ['codes'],
  }),
  boosting('symmetric', 'symmetric'),
  createEncodedLearner(createForestLearner('forest', { trees: 10, maximumDepth: 6 })),
  createEncodedLearner(createLogisticLearner('logistic'), { encodings: ['one-hot'] }),
];

export interface NamedModel {
  readonly name: string;
  readonly model: Model;
}

/** Each learner's model over three numbers and a category, and a stack of all. */
export function someModels(seed: number): readonly NamedModel[] {
  const training = aTrainingSetWithCategory({ rows: 500, seed });
  const models = LEARNERS.map((learner) => ({ name: learner.name, model: learner.fit(training, { seed }) }));
  const weights = [0.5, 0.25, 0.5, 0, 1.5, 0.75];
  const stack = createStack(models.map(({ model }) => model), weights, -0.3); // prettier-ignore
  return [...models, { name: 'stack', model: stack }];
}

/** Rows as in training, among them missing values, some far beyond all others and a category never seen; `single` makes them single precision. */
export function rowsToScore(seed: number, { single = false } = {}): readonly Float64Array[] {
  const { values, rows } = aTrainingSetWithCategory({ rows: 200, seed: seed + 100, missing: 0.2 });
  return Array.from({ length: rows }, (_, row) => {
    const cells = values.map((column) => column[row]!);
    if (row % 11 === 0) cells[0] = cells[0]! * 1_000;
    if (row % 7 === 0) cells[3] = 4_000_000_000;
    // A category is looked up before anything is rounded.
    return Float64Array.from(cells, (cell, column) => (single && column < 3 ? Math.fround(cell) : cell));
  });
}
