/** Gradient boosting as a learner, in each of its growth policies. */
import { boost, type BoostedTrees, type LabelledColumns } from '../trees/boost.ts';
import { type BoostingParameters, boostingParameters } from '../trees/params.ts';
import { createForeignTreeModel, type ForeignColumn } from './foreign-trees.ts';
import { type Learner, type Model, type TrainingSet } from './protocol.ts';
import { createTreeModel } from './tree-model.ts';

/** Columns that are categories must hold codes, see `PlannedEncoding`; trees then test sets of them. */
export function createBoostingLearner(name: string, given: Partial<BoostingParameters> = {}): Learner {
  const parameters = boostingParameters(given);
  return {
    name,
    fit(training, { seed, validation }) {
      const categorical = new Set(training.kinds?.flatMap((kind, column) => (kind === 'category' ? [column] : [])));
      const set = { ...labelled(training), categorical };
      return modelOf(boost(set, parameters, seed, validation && labelled(validation)));
    },
  };
}

function modelOf(ensemble: BoostedTrees): Model {
  const { sets } = ensemble;
  if (sets.length === 0) return createTreeModel('boosting', ensemble);
  const featureCount = ensemble.featureCount - sets.length;
  const copies = Array.from({ length: featureCount }, (_, feature): ForeignColumn => ({ kind: 'copy', feature }));
  const members = sets.map(({ feature, codes }): ForeignColumn => ({ kind: 'member', feature, members: codes }));
  return createForeignTreeModel({ featureCount, columns: [...copies, ...members], ensemble, rounding: 'float64' });
}

/** A training set in the words of the tree engine. */
export function labelled({ values, labels, weights }: TrainingSet): LabelledColumns {
  return { columns: values, labels, weights };
}
