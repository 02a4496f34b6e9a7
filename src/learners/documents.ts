/** Models and calibrators back from their documents, whatever their kind. */
import { type Calibrator } from './calibration/calibrator.ts';
import { isotonicFromDocument } from './calibration/isotonic.ts';
import { plattFromDocument } from './calibration/platt.ts';
import { encodedFromDocument } from './encoded-model.ts';
import { damaged, readChoice, readModelDocument, readObject } from './fields.ts';
import { foreignGraphFromDocument, type OpenGraph } from './foreign-graph.ts';
import { foreignTreesFromDocument } from './foreign-trees.ts';
import { logisticFromDocument } from './logistic.ts';
import { type Model, type ModelDocument } from './protocol.ts';
import { stackFromDocument } from './stack.ts';
import { TREE_MODEL_KINDS, treeModelFromDocument } from './tree-model.ts';

type Reader = (document: ModelDocument, openGraph?: OpenGraph) => Model;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['logistic', logisticFromDocument],
  ['foreign-trees', foreignTreesFromDocument],
  ['foreign-graph', foreignGraphFromDocument],
  ['stack', (document, openGraph) => stackFromDocument(document, (member) => modelFromDocument(member, openGraph))],
  ['encoded', (document, openGraph) => encodedFromDocument(document, (inner) => modelFromDocument(inner, openGraph))],
  ...TREE_MODEL_KINDS.map((kind): [string, Reader] => [kind, (document) => treeModelFromDocument(kind, document)]),
]);

/**
 * The model a document describes, equal bit for bit to the one that wrote it; throws when it is damaged. `openGraph`
 * makes graphs ready that only their own runtime can run.
 */
export function modelFromDocument(value: unknown, openGraph?: OpenGraph): Model {
  const document = readModelDocument(value, 'model');
  const reader = READERS.get(document.kind);
  if (reader === undefined) throw damaged('kind', `is ${JSON.stringify(document.kind)}, which no learner writes`);
  return reader(document, openGraph);
}

/** The calibrator a document describes; throws when it is damaged. */
export function calibratorFromDocument(value: unknown): Calibrator {
  const document = readObject(value, 'calibrator');
  const kind = readChoice(document, 'kind', ['platt', 'isotonic']);
  return kind === 'platt' ? plattFromDocument({ ...document, kind }) : isotonicFromDocument({ ...document, kind });
}
