/** Builds an ONNX graph node by node. */
import { ATTRIBUTE_TYPE, DATA_TYPE, type Attribute, type Node, type Tensor } from './protobuf.ts';

export type AttributeValue =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly doubles: readonly number[] };

export interface Graph {
  readonly nodes: readonly Node[];
  readonly constants: readonly Tensor[];
  /** Adds a node of one output and gives the output's name, which is `named` or made up. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    named?: string,
  ): string;
  /** Adds a constant of doubles, or of 64-bit integers, and gives its name. */
  constant(values: readonly number[], dims: readonly number[], type?: 'double' | 'int64'): string;
}

/** Operators of the domain for classical models; all others are of the default one. */
const ML_OPERATORS = ['LabelEncoder', 'TreeEnsembleRegressor'];
export const ML_DOMAIN = 'ai.onnx.ml';

export function createGraph(): Graph {
  const nodes: Node[] = [];
  const constants: Tensor[] = [];
  return {
    nodes,
    constants,
    add(operator, inputs, attributes = {}, named = `${operator.toLowerCase()}_${nodes.length}`) {
      nodes.push({
        op_type: operator,
        domain: ML_OPERATORS.includes(operator) ? ML_DOMAIN : '',
        name: named,
        input: inputs,
        output: [named],
        attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
      });
      return named;
    },
    constant(values, dims, type = 'double') {
      const name = `constant_${constants.length}`;
      constants.push(type === 'double' ? doubles(values, dims, name) : integers(values, dims, name));
      return name;
    },
  };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function attributeOf(name: string, value: AttributeValue): Attribute {
  if ('int' in value) return { name, type: ATTRIBUTE_TYPE.int, i: value.int };
  if ('ints' in value) return { name, type: ATTRIBUTE_TYPE.ints, ints: value.ints };
  if ('text' in value) return { name, type: ATTRIBUTE_TYPE.string, s: bytesOf(value.text) };
  if ('texts' in value) return { name, type: ATTRIBUTE_TYPE.strings, strings: value.texts.map(bytesOf) };
  return { name, type: ATTRIBUTE_TYPE.tensor, t: doubles(value.doubles, [value.doubles.length], name) };
}

function doubles(values: readonly number[], dims: readonly number[], name: string): Tensor {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, index) => view.setFloat64(8 * index, value, true));
  return { name, dims, data_type: DATA_TYPE.double, raw_data: new Uint8Array(view.buffer) };
}

function integers(values: readonly number[], dims: readonly number[], name: string): Tensor {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, index) => view.setBigInt64(8 * index, BigInt(value), true));
  return { name, dims, data_type: DATA_TYPE.int64, raw_data: new Uint8Array(view.buffer) };
}
