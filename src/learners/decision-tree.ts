/** A single decision tree as a learner: all rows, all features at each split. */
import { growForest } from '../trees/forest.ts';
import { type ForestParameters, forestParameters } from '../trees/params.ts';
import { labelled } from './boosting.ts';
import { type Learner } from './protocol.ts';
import { createTreeModel } from './tree-model.ts';

export function createDecisionTreeLearner(
  name: string,
  given: Partial<Pick<ForestParameters, 'maximumDepth' | 'minimumChildWeight' | 'maximumBins' | 'balanced'>> = {},
): Learner {
  forestParameters(given);
  return {
    name,
    fit(training, { seed }) {
      const columnsPerSplit = training.values.length;
      const parameters = forestParameters({ ...given, trees: 1, bootstrap: 0, columnsPerSplit });
      return createTreeModel('decision-tree', growForest(labelled(training), parameters, seed));
    },
  };
}
