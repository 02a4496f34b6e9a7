/** Writes our models, calibration included, as ONNX. */
import { readChoice, readFiniteDoubles, readNumber } from '../../learners/fields.ts';
import { type CalibratorDocument } from '../../learners/calibration/calibrator.ts';
import { type ModelDocument } from '../../learners/protocol.ts';
import { exportableOf } from '../exportable.ts';
import { createGraph, type Graph, ML_DOMAIN } from './graph.ts';
import { DATA_TYPE, encodeModel, type ValueInfo } from './protobuf.ts';
import { FEATURE_NAMES_KEY, MARGIN, PRODUCER } from './names.ts';
import { addModel } from './write-model.ts';

/** The versions of ONNX 1.12; 4 is the first of the ML operators that looks up doubles. */
const OPSET = 17;
const ML_OPSET = 4;
const IR_VERSION = 8;

export interface OnnxExport {
  readonly model: ModelDocument;
  readonly calibrator: CalibratorDocument;
  /** Of the model's features, in its order. */
  readonly names: readonly string[];
  readonly version: string;
  /** Further texts for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * One input `features` [rows, features] of doubles in the order of `names` (which the metadata repeats), NaN being
 * missing and categories their 32-bit hashes; outputs `margin` and `probability` [rows, 1], doubles. Comparisons are in
 * double precision, so every row takes the side it takes here; margins are equal within some 1e-9.
 */
export function writeOnnx({ model, calibrator, names, version, metadata = {} }: OnnxExport): Uint8Array {
  const graph = createGraph();
  const margin = graph.add('Identity', [addModel(graph, exportableOf(model), 'features')], {}, MARGIN);
  graph.add('Identity', [addCalibrator(graph, calibrator, margin)], {}, 'probability');
  const texts = { [FEATURE_NAMES_KEY]: JSON.stringify(names), model_version: version, ...metadata };
  return encodeModel({
    ir_version: IR_VERSION,
    producer_name: PRODUCER,
    producer_version: version,
    opset_import: [
      { domain: '', version: OPSET },
      { domain: ML_DOMAIN, version: ML_OPSET },
    ],
    graph: {
      name: version,
      node: graph.nodes,
      initializer: graph.constants,
      input: [tensor('features', names.length)],
      output: [tensor(MARGIN, 1), tensor('probability', 1)],
    },
    metadata_props: Object.entries(texts).map(([key, value]) => ({ key, value })),
  });
}

function tensor(name: string, columns: number): ValueInfo {
  const dim = [{ dim_param: 'rows' }, { dim_value: columns }];
  return { name, type: { tensor_type: { elem_type: DATA_TYPE.double, shape: { dim } } } };
}

function addCalibrator(graph: Graph, calibrator: CalibratorDocument, margin: string): string {
  const one = (value: number): string => graph.constant([value], [1]);
  if (readChoice(calibrator, 'kind', ['platt', 'isotonic']) === 'platt') {
    const scaled = graph.add('Mul', [margin, one(readNumber(calibrator, 'slope'))]);
    return graph.add('Sigmoid', [graph.add('Add', [scaled, one(readNumber(calibrator, 'intercept'))])]);
  }
  const margins = Array.from(readFiniteDoubles(calibrator, 'margins'));
  const probabilities = Array.from(readFiniteDoubles(calibrator, 'probabilities', margins.length));
  if (margins.length === 1) return graph.add('Add', [graph.add('Mul', [margin, one(0)]), one(probabilities[0]!)]);
  // A piece rises by its height as the margin crosses its width: heights · clip((margin − start) / width, 0, 1).
  const pieces = margins.length - 1;
  const row = (values: readonly number[]): string => graph.constant(values, [1, pieces]);
  const from = graph.add('Sub', [margin, row(margins.slice(0, pieces))]);
  const crossed = graph.add('Div', [from, row(margins.slice(1).map((end, piece) => end - margins[piece]!))]);
  const clipped = graph.add('Min', [graph.add('Max', [crossed, one(0)]), one(1)]);
  const heights = graph.constant(probabilities.slice(1).map((end, piece) => end - probabilities[piece]!), [pieces, 1]); // prettier-ignore
  return graph.add('Add', [graph.add('MatMul', [clipped, heights]), one(probabilities[0]!)]);
}
