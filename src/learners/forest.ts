/** Random forest as a learner: its margin is the mean fraud rate of the row's leaves. */
import { growForest } from '../trees/forest.ts';
import { type ForestParameters, forestParameters } from '../trees/params.ts';
import { labelled } from './boosting.ts';
import { type Learner } from './protocol.ts';
import { createTreeModel } from './tree-model.ts';

export function createForestLearner(name: string, given: Partial<ForestParameters> = {}): Learner {
  const parameters = forestParameters(given);
  return {
    name,
    fit: (training, { seed }) => createTreeModel('forest', growForest(labelled(training), parameters, seed)),
  };
}
