/** An ONNX graph as something to be run whole by a runtime, whatever its operators: what to feed it, where its score is. */
import { type GraphFile } from '../../learners/foreign-graph.ts';
import { type ImportedFeature } from '../imported-model.ts';
import { refused } from '../place.ts';
import { checkedModel, featureNamesOf, inputsOf } from './inputs.ts';
import { DATA_TYPE, encodeModelPart, type OnnxModel } from './protobuf.ts';
import { isKnownOperator } from './read.ts';

export interface ForeignGraph {
  readonly features: readonly ImportedFeature[];
  readonly file: GraphFile;
  /** Operators that nothing here can read, in the order of their first use. */
  readonly unknownOperators: readonly string[];
}

/** Refuses, with the reason, what is damaged, is not fed floats or doubles, or has no score among its outputs. */
export function readForeignGraph(bytes: Uint8Array): ForeignGraph {
  const model = checkedModel(bytes);
  const inputs = inputsOf(model);
  const operators = model.graph.node.map(({ op_type: operator }) => operator);
  return {
    features: featureNamesOf(model, inputs).map((name) => ({ name })),
    file: { inputs, ...scoreOf(model, bytes) },
    unknownOperators: [...new Set(operators)].filter((operator) => !isKnownOperator(operator)),
  };
}

/**
 * The last output that is a tensor of floats or doubles: a classifier gives its label first. A ZipMap behind it makes
 * maps of the scores, which runtimes for JavaScript cannot hand over: then what it is made from becomes an output.
 */
function scoreOf({ graph }: OnnxModel, bytes: Uint8Array): Pick<GraphFile, 'bytes' | 'output'> {
  for (const { name, type } of graph.output.toReversed()) {
    const elementType = type?.tensor_type?.elem_type;
    if (elementType === DATA_TYPE.float || elementType === DATA_TYPE.double) return { bytes, output: name };
    const maker = graph.node.find(({ output }) => output.includes(name));
    const shares = maker?.op_type === 'ZipMap' ? maker.input[0] : undefined;
    if (shares !== undefined) return { bytes: withOutput(bytes, shares), output: shares };
  }
  throw refused('graph', 'has no output of floats or doubles');
}

/** Of two messages in a row, protobuf takes the lists of both. Source: Protocol Buffers, Encoding, “Last One Wins”. */
function withOutput(bytes: Uint8Array, name: string): Uint8Array {
  const part = encodeModelPart({ graph: { output: [{ name }] } });
  const joined = new Uint8Array(bytes.length + part.length);
  joined.set(bytes);
  joined.set(part, bytes.length);
  return joined;
}
