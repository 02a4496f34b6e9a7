/** Isolation forest as a learner that looks at no labels: its margin is log2 of the anomaly score. */
import { growIsolationForest } from '../trees/isolation.ts';
import { type IsolationParameters, isolationParameters } from '../trees/params.ts';
import { type Learner } from './protocol.ts';
import { createTreeModel } from './tree-model.ts';

/**
 * Margins run from about −2 to 0: −1 is a payment like most, towards 0 it is set apart at once. Contributions are exact, as
 * of every tree model. Weights and labels change nothing.
 */
export function createIsolationForestLearner(name: string, given: Partial<IsolationParameters> = {}): Learner {
  const parameters = isolationParameters(given);
  return {
    name,
    fit: ({ values }, { seed }) => createTreeModel('isolation-forest', growIsolationForest(values, parameters, seed)),
  };
}
