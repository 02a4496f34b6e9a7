/** Reads tree and linear models, with what scales their inputs, from ONNX files. */
import { featureCountOf, type ImportedFeature, type ImportedModel, numberedNames } from '../imported-model.ts';
import { items, parseJson, refused, textOf } from '../place.ts';
import { placeOf } from './attributes.ts';
import { COLUMN_STEPS, type InputColumn, inputColumn } from './columns.ts';
import { readLinear } from './linear.ts';
import { FEATURE_NAMES_KEY, MARGIN, PRODUCER } from './names.ts';
import { DATA_TYPE, decodeModel, type Node, type OnnxModel, type Tensor, type ValueInfo } from './protobuf.ts';
import { type OnnxScores } from './scores.ts';
import { readTreeEnsemble } from './trees.ts';

const MODELS: Readonly<Record<string, typeof readLinear>> = {
  TreeEnsembleClassifier: readTreeEnsemble,
  TreeEnsembleRegressor: readTreeEnsemble,
  LinearClassifier: readLinear,
  LinearRegressor: readLinear,
};

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
  const { graph, metadata_props: metadata, producer_name: producer } = checked(bytes);
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]));
  const { held, featureCount, names } = readInputs(graph.input.filter(({ name }) => !constants.has(name)));
  let scores: OnnxScores | undefined;
  let summed = false;
  for (const node of graph.node) {
    // What we write behind the margin is its calibration.
    if (producer === PRODUCER && held.has(MARGIN)) break;
    const inputs = node.input
      .filter((name) => name !== '' && !constants.has(name))
      .map((name) => heldBy(held, name, node));
    const columns = inputs.flatMap((input) => (input.kind === 'columns' ? [input.columns] : []));
    const keep = (result: Held): void => node.output.forEach((name) => held.set(name, result));
    if (inputs.length > 0 && columns.length === inputs.length) {
      const read = MODELS[node.op_type];
      if (read === undefined) {
        keep({ kind: 'columns', columns: changed(node, columns, (name) => constants.get(name)) });
        continue;
      }
      if (scores !== undefined) throw refused(placeOf(node), 'is a second model; one is supported');
      scores = read(node, columns[0]!, featureCount);
      keep({ kind: 'scores' });
      // Of a classifier's two outputs the first is the label.
      if (node.op_type.endsWith('Classifier') && node.output[0] !== undefined)
        held.set(node.output[0], { kind: 'labels' });
      continue;
    }
    summed ||= node.op_type === 'ReduceSum' && inputs.some(({ kind }) => kind === 'scores');
    keep(behind(node, inputs));
  }
  if (scores === undefined) throw refused('graph', `holds no ${Object.keys(MODELS).join(', ')}`);
  if (scores.needsSum && !summed) throw refused('graph', 'its model has several outputs; one is supported');
  const given = metadata.find(({ key }) => key === FEATURE_NAMES_KEY)?.value;
  const listed = given === undefined ? names : items(parseJson(given, `metadata ${FEATURE_NAMES_KEY}`)).map(textOf);
  if (listed.length !== featureCount) throw refused('metadata', `names ${listed.length} features of ${featureCount}`);
  return {
    features: listed.map((name): ImportedFeature => ({ name })),
    model: scores.model,
    referredTo: scores.referredTo,
  };
}

function checked(bytes: Uint8Array): OnnxModel {
  let model: OnnxModel;
  try {
    model = decodeModel(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(refused('file', `is not a whole ONNX model (${reason})`).message, { cause });
  }
  if (model.graph === undefined || model.graph.node.length === 0)
    throw refused('file', 'is not an ONNX model: it has no graph');
  return model;
}

/** One input of several columns, or several of one each. */
function readInputs(inputs: readonly ValueInfo[]) {
  const held = new Map<string, Held>();
  const names: string[] = [];
  let featureCount = 0;
  for (const { name, type } of inputs) {
    const elementType = type?.tensor_type?.elem_type;
    const width = type?.tensor_type?.shape?.dim?.[1]?.dim_value;
    if (elementType !== DATA_TYPE.float && elementType !== DATA_TYPE.double) {
      throw refused(`input ${name}`, 'is not a tensor of floats or doubles');
    }
    if (width === undefined || !(width > 0)) throw refused(`input ${name}`, 'does not say how many columns it has');
    const first = featureCount;
    featureCount += featureCountOf(width, `input ${name}`);
    const columns = Array.from({ length: width }, (_, place) => inputColumn(first + place, elementType));
    held.set(name, { kind: 'columns', columns });
    names.push(
      ...(inputs.length === 1
        ? numberedNames(width)
        : width === 1
          ? [name]
          : numberedNames(width).map((column) => `${name}.${column}`)),
    );
  }
  return { held, featureCount, names };
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
