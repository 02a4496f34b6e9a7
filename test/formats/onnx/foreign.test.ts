/** A graph left to a runtime: what it is fed, where its score is, and how it becomes a model without explanations. */
import { describe, expect, it } from 'vitest';
import { SENTINEL_CATALOGUE } from '../../../src/features/catalogue.ts';
import { readForeignGraph } from '../../../src/formats/onnx/foreign.ts';
import { createGraph } from '../../../src/formats/onnx/graph.ts';
import { DATA_TYPE, decodeModel, encodeModel, type ValueInfo } from '../../../src/formats/onnx/protobuf.ts';
import { createPlatt } from '../../../src/learners/calibration/platt.ts';
import { modelFromDocument } from '../../../src/learners/documents.ts';
import { type OpenGraph } from '../../../src/learners/foreign-graph.ts';
import { type GraphRuntime } from '../../../src/ports/graph-runtime.ts';
import { createScorer } from '../../../src/scoring/score.ts';
import { importedLearner } from '../../../src/usecases/import-model.ts';
import { bytesOf, goldenFormats } from '../../support/golden-formats.ts';

const network = goldenFormats('onnx').more['network'] as { readonly model: string };
const bytes = bytesOf(network.model);
const NAMES = ['amount', 'amount_zscore', 'user_txn_count_24h', 'amount_cents'];

/** A runtime whose every graph adds up what it is fed. */
const adding: OpenGraph = ({ inputs }) => {
  const width = inputs.reduce((sum, input) => sum + input.width, 0);
  return (row, offset) => row.subarray(offset, offset + width).reduce((sum, x) => sum + x, 0);
};
const runtime = (version: string | undefined): GraphRuntime => ({ version: () => version, install: 'get it', open: adding }); // prettier-ignore
const file = { format: 'onnx', bytes, path: 'network.onnx', names: NAMES } as const;

const tensor = (name: string, type: number, width: number): ValueInfo => ({
  name,
  type: { tensor_type: { elem_type: type, shape: { dim: [{ dim_param: 'n' }, { dim_value: width }] } } },
});

function aGraph(inputs: readonly ValueInfo[], outputs: readonly ValueInfo[]): Uint8Array {
  const graph = createGraph();
  graph.add('Tanh', [inputs[0]!.name]);
  return encodeModel({
    opset_import: [],
    graph: { node: graph.nodes, initializer: [], input: inputs, output: outputs },
    metadata_props: [],
  });
}

describe('a graph that nothing here can read', () => {
  it('says what it is fed and which of its operators are unknown', () => {
    const graph = readForeignGraph(bytes);
    expect(graph.file.inputs).toEqual([{ name: 'X', type: 'float32', width: 4 }]);
    expect(graph.features.map(({ name }) => name)).toEqual(['f0', 'f1', 'f2', 'f3']);
    expect(graph.unknownOperators).toContain('MatMul');
    expect(graph.unknownOperators).not.toContain('Scaler');
  });

  it('gives the shares before a ZipMap as an output of their own', () => {
    const { output, bytes: run } = readForeignGraph(bytes).file;
    const [before, after] = [decodeModel(bytes).graph, decodeModel(run).graph];
    expect(before.node.find(({ op_type: operator }) => operator === 'ZipMap')!.input).toEqual([output]);
    expect(after.output.map(({ name }) => name)).toEqual([...before.output.map(({ name }) => name), output]);
    expect(after.node).toEqual(before.node);
  });

  it('numbers features over all inputs, and takes the last output of floats', () => {
    const inputs = [tensor('age', DATA_TYPE.float, 1), tensor('rest', DATA_TYPE.double, 2)];
    const outputs = [tensor('label', DATA_TYPE.int64, 1), tensor('score', DATA_TYPE.float, 1)];
    const graph = readForeignGraph(aGraph(inputs, outputs));
    expect(graph.features.map(({ name }) => name)).toEqual(['age', 'rest.f0', 'rest.f1']);
    expect(graph.file.output).toBe('score');
  });

  it('is refused without a score, or when fed something else than numbers', () => {
    const [x, label] = [tensor('x', DATA_TYPE.float, 1), tensor('label', DATA_TYPE.int64, 1)];
    expect(() => readForeignGraph(aGraph([x], [label]))).toThrow('graph: has no output of floats or doubles');
    expect(() => readForeignGraph(aGraph([label], [x]))).toThrow('input label: is not a tensor of floats or doubles');
  });
});

describe('importing such a graph', () => {
  it('names the operators and the way to a runtime when there is none', () => {
    expect(() => importedLearner(file, SENTINEL_CATALOGUE, runtime(undefined))).toThrow(
      /operator MatMul is not supported \(operators that are not supported: MatMul, .*\); onnxruntime-node can run it: get it$/,
    );
    expect(() => importedLearner(file, SENTINEL_CATALOGUE)).toThrow(/operator MatMul is not supported$/);
  });

  it('still refuses what is damaged, and features that the catalogue lacks', () => {
    const cut = { ...file, bytes: bytes.subarray(0, 900) };
    expect(() => importedLearner(cut, SENTINEL_CATALOGUE, runtime('1'))).toThrow('is not a whole ONNX model');
    const strange = { ...file, names: ['amount', 'b', 'c', 'd'] };
    expect(() => importedLearner(strange, SENTINEL_CATALOGUE, runtime('1'))).toThrow('its 3 features are not in the catalogue sentinel: b, c, d'); // prettier-ignore
  });

  it('makes a model that scores vectors of the catalogue, survives storage, and has no contributions', () => {
    const values = SENTINEL_CATALOGUE.features.map((_, index) => Float64Array.of(index));
    const rows = { names: [], rows: 1, values, labels: Uint8Array.of(0) };
    const model = importedLearner(file, SENTINEL_CATALOGUE, runtime('1')).fit(rows, { seed: 1 });
    const again = modelFromDocument(JSON.parse(JSON.stringify(model.toDocument())), adding);
    const vector = Float64Array.from(values, ([value]) => value!);
    const sum = NAMES.reduce((total, name) => total + SENTINEL_CATALOGUE.indexOf(name), 0);
    for (const each of [model, again]) {
      expect(each).toMatchObject({ isUnexplained: true, featureCount: vector.length });
      expect(each.margin(vector)).toBe(sum);
      const scorer = createScorer('v1', each, createPlatt(1, 0));
      const score = scorer.score(vector);
      scorer.explain(vector, score);
      expect(score).toMatchObject({ margin: sum, contributions: undefined });
    }
    expect(() => modelFromDocument(model.toDocument())).toThrow('its graph needs a runtime');
  });
});
