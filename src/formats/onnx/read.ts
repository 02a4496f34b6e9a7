/** Reads tree and linear models, with what scales their inputs, from ONNX files. */
import { type GraphInput } from '../../learners/foreign-graph.ts';
import { type ImportedFeature, type ImportedModel } from '../imported-model.ts';
import { refused } from '../place.ts';
import { placeOf } from './attributes.ts';
import { COLUMN_STEPS, type InputColumn, inputColumn } from './columns.ts';
import { readLinear } from './linear.ts';
import { checkedModel, featureNamesOf, inputsOf } from './inputs.ts';
import { MARGIN, PRODUCER } from './names.ts';
import { type Node, type Tensor } from './protobuf.ts';
import { type OnnxScores } from './scores.ts';
import { readTreeEnsemble } from './trees.ts';

const MODELS: Readonly<Record<string, typeof readLinear>> = {
  TreeEnsembleClassifier: readTreeEnsemble,
  TreeEnsembleRegressor: readTreeEnsemble,
  LinearClassifier: readLinear,
  LinearRegressor: readLinear,
};

/** Operators that are read somewhere in a graph. */
export const isKnownOperator = (name: string): boolean =>
  name in MODELS || name in COLUMN_STEPS || KEEP_ORDER.includes(name) || name === 'Concat' || name === 'ReduceSum';

/** Operators behind the model that leave the order of scores as it is. */
const KEEP_ORDER = ['Cast', 'Identity', 'Normalizer', 'Sigmoid', 'ZipMap'];

/** What a tensor of the graph holds: columns before the model, behind it the predicted label, the scores, or their sum. */
type Held =
  | { readonly kind: 'columns'; readonly columns: readonly InputColumn[] }
  | { readonly kind: 'labels' | 'scores' | 'sum' };

/**
 * Margins are the model's scores of the second class (before the last transformation), or its only output, within what
 * single precision leaves of them. Refuses, with the operator's name, all but trees and linear models with shifts,
 * scales and fixed values for missing ones before them. A Normalizer before the model is refused too: it mixes
 * features, so that none would have a contribution of its own.
 */
export function readOnnx(bytes: Uint8Array): ImportedModel {
  const file = checkedModel(bytes);
  const { graph, producer_name: producer } = file;
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]));
  const inputs = inputsOf(file);
  const names = featureNamesOf(file, inputs);
  const held = heldAtFirst(inputs);
  let scores: OnnxScores | undefined;
  let summed = false;
  for (const node of graph.node) {
    // What we write behind the margin is its calibration.
    if (producer === PRODUCER && held.has(MARGIN)) break;
    const fed = node.input
      .filter((name) => name !== '' && !constants.has(name))
      .map((name) => heldBy(held, name, node));
    const columns = fed.flatMap((input) => (input.kind === 'columns' ? [input.columns] : []));
    const keep = (result: Held): void => node.output.forEach((name) => held.set(name, result));
    if (fed.length > 0 && columns.length === fed.length) {
      const read = MODELS[node.op_type];
      if (read === undefined) {
        keep({ kind: 'columns', columns: changed(node, columns, (name) => constants.get(name)) });
        continue;
      }
      if (scores !== undefined) throw refused(placeOf(node), 'is a second model; one is supported');
      scores = read(node, columns[0]!, names.length);
      keep({ kind: 'scores' });
      // Of a classifier's two outputs the first is the label.
      if (node.op_type.endsWith('Classifier') && node.output[0] !== undefined)
        held.set(node.output[0], { kind: 'labels' });
      continue;
    }
    summed ||= node.op_type === 'ReduceSum' && fed.some(({ kind }) => kind === 'scores');
    keep(behind(node, fed));
  }
  if (scores === undefined) throw refused('graph', `holds no ${Object.keys(MODELS).join(', ')}`);
  if (scores.needsSum && !summed) throw refused('graph', 'its model has several outputs; one is supported');
  return {
    features: names.map((name): ImportedFeature => ({ name })),
    model: scores.model,
    referredTo: scores.referredTo,
  };
}

/** Each input holds columns, numbered over all of them. */
function heldAtFirst(inputs: readonly GraphInput[]): Map<string, Held> {
  let next = 0;
  return new Map(
    inputs.map(({ name, type, width }): [string, Held] => {
      const first = next;
      next += width;
      return [name, { kind: 'columns', columns: Array.from({ length: width }, (_, place) => inputColumn(first + place, type)) }];
    }),
  ); // prettier-ignore
}

function heldBy(held: ReadonlyMap<string, Held>, name: string, node: Node): Held {
  const value = held.get(name);
  if (value === undefined) throw refused(placeOf(node), `reads ${name}, which nothing before it gives`);
  return value;
}

function changed(
  node: Node,
  columns: readonly (readonly InputColumn[])[],
  constant: (name: string) => Tensor | undefined,
): readonly InputColumn[] {
  if (node.op_type === 'Concat') return columns.flat();
  if (node.op_type === 'Normalizer') {
    throw refused(placeOf(node), 'operator Normalizer before the model is not supported: it mixes features');
  }
  const step = COLUMN_STEPS[node.op_type];
  if (step === undefined) throw refused(placeOf(node), `operator ${node.op_type} is not supported`);
  return step(columns[0]!, node, constant);
}

function behind(node: Node, inputs: readonly Held[]): Held {
  if (inputs.every(({ kind }) => kind === 'labels')) return { kind: 'labels' }; // and what has no inputs: constants
  for (const kind of ['scores', 'sum'] as const) {
    if (!inputs.every((input) => input.kind === kind)) continue;
    if (node.op_type === 'ReduceSum') return { kind: 'sum' };
    if (KEEP_ORDER.includes(node.op_type)) return { kind };
  }
  throw refused(placeOf(node), `operator ${node.op_type} is not supported`);
}
