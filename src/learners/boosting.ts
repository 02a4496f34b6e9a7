/** Gradient boosting as a learner, in each of its growth policies. */
import { boost } from '../trees/boost.ts';
import { type BoostingParameters, boostingParameters } from '../trees/params.ts';
import { type Learner, type TrainingSet } from './protocol.ts';
import { createTreeModel } from './tree-model.ts';

export function createBoostingLearner(name: string, given: Partial<BoostingParameters> = {}): Learner {
  const parameters = boostingParameters(given);
  return {
    name,
    fit(training, { seed, validation }) {
      const ensemble = boost(labelled(training), parameters, seed, validation && labelled(validation));
      return createTreeModel('boosting', ensemble);
    },
  };
}

/** A training set in the words of the tree engine. */
export function labelled({ values, labels, weights }: TrainingSet) {
  return { columns: values, labels, weights };
}
