/** A computation graph that only its own runtime can run, as a model: it scores, and cannot be explained. */
import { damaged, packBytes, readBytes, readChoice, readCount, readList, readObject, readText } from './fields.ts';
import { type Model, type ModelDocument } from './protocol.ts';

const ELEMENT_TYPES = ['float32', 'float64'] as const;

/** A tensor of one row that the graph is fed. */
export interface GraphInput {
  readonly name: string;
  readonly type: (typeof ELEMENT_TYPES)[number];
  /** Columns; inputs follow each other in the row of features. */
  readonly width: number;
}

export interface GraphFile {
  readonly bytes: Uint8Array;
  readonly inputs: readonly GraphInput[];
  /** The output that holds the score: one value a row, or one a class, of which the second is fraud. */
  readonly output: string;
}

/** The score of one row of features starting at `offset`; throws when the graph gives none. */
export type RunGraph = (row: Float64Array, offset: number) => number;

/** Makes a graph ready to run; throws with the reason when it cannot be. */
export type OpenGraph = (file: GraphFile) => RunGraph;

export function createForeignGraphModel(file: GraphFile, openGraph: OpenGraph): Model {
  const run = openGraph(file);
  const featureCount = widthOf(file.inputs);
  return {
    kind: 'foreign-graph',
    featureCount,
    isUnexplained: true,
    margin: (row, offset = 0) => run(row, offset),
    addContributions() {
      throw new Error('a graph run by a foreign runtime has no contributions');
    },
    importance: () => new Float64Array(featureCount),
    toDocument: () => ({
      kind: 'foreign-graph',
      featureCount,
      inputs: file.inputs,
      output: file.output,
      graph: packBytes(file.bytes),
    }),
  };
}

const widthOf = (inputs: readonly GraphInput[]): number => inputs.reduce((sum, { width }) => sum + width, 0);

/** The model of a document written by `toDocument`; throws when a field is damaged, or without a runtime for it. */
export function foreignGraphFromDocument(document: ModelDocument, openGraph?: OpenGraph): Model {
  if (openGraph === undefined) throw new Error('its graph needs a runtime, and none is given here');
  const inputs = readList(document, 'inputs').map((item, index): GraphInput => {
    const input = readObject(item, `input ${index}`);
    return {
      name: readText(input, 'name'),
      type: readChoice(input, 'type', ELEMENT_TYPES),
      width: readCount(input, 'width'),
    };
  });
  if (widthOf(inputs) !== readCount(document, 'featureCount')) throw damaged('inputs', 'are not as wide as the model');
  return createForeignGraphModel({ bytes: readBytes(document, 'graph'), inputs, output: readText(document, 'output') }, openGraph); // prettier-ignore
}
