/** A small ensemble trained in a second or two, and the facts its model card needs. */
import { DEFAULT_COSTS } from '../../src/domain/costs.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { createBoostingLearner } from '../../src/learners/boosting.ts';
import { createEncodedLearner } from '../../src/learners/encoded-model.ts';
import { createLogisticLearner } from '../../src/learners/logistic.ts';
import { type Learner } from '../../src/learners/protocol.ts';
import { type CardFacts } from '../../src/training/model-card/card.ts';
import { trainEnsemble, type TrainedEnsemble, type TrainingOptions } from '../../src/training/pipeline.ts';
import { type TrainingTable } from '../../src/training/table.ts';

export const QUICK_LEARNERS: readonly Learner[] = [
  createEncodedLearner(createLogisticLearner('logistic'), { encodings: ['one-hot'] }),
  createEncodedLearner(createBoostingLearner('boosting', { growth: 'symmetric', rounds: 20, maximumDepth: 3 })),
];

/** Costs follow the kind of model, so that ranking does not depend on the machine. */
export const fixedCost: TrainingOptions['measure'] = (model) => (model.kind === 'stack' ? 50 : 10);

export function quickOptions(overrides: Partial<TrainingOptions> = {}): TrainingOptions {
  return {
    learners: QUICK_LEARNERS,
    labelDelayMs: 5 * DAY_MS,
    costs: DEFAULT_COSTS,
    thresholdRule: { kind: 'cost-optimal' },
    servingBudgetUs: 60,
    measure: fixedCost,
    seed: 1,
    replicates: 20,
    ...overrides,
  };
}

export function aTrainedEnsemble(table: TrainingTable, overrides: Partial<TrainingOptions> = {}): TrainedEnsemble {
  return trainEnsemble(table, quickOptions(overrides));
}

export function cardFacts(table: TrainingTable, overrides: Partial<CardFacts> = {}): CardFacts {
  return {
    version: 'v20260301_120000',
    createdMs: Date.UTC(2026, 2, 1, 12),
    codeVersion: '0.1.0',
    seed: 1,
    environment: { node: 'v20' },
    data: {
      mapping: 'sentinel',
      path: 'data/payments.csv',
      sha256: 'ab'.repeat(32),
      rows: table.rows,
      fromMs: table.timesMs[0]!,
      toMs: table.timesMs.at(-1)!,
    },
    catalogue: { name: 'sentinel', hash: 'cd'.repeat(16), featureCount: table.names.length },
    currency: 'USD',
    costs: DEFAULT_COSTS,
    thresholdRule: { kind: 'cost-optimal' },
    servingBudgetUs: 60,
    labelDelayMs: 5 * DAY_MS,
    replicates: 20,
    ...overrides,
  };
}
