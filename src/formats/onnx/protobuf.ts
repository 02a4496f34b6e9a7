/** The messages of an ONNX file that tree and linear models need, and their bytes. */
import protobuf from 'protobufjs/light.js';

export interface Tensor {
  readonly name?: string;
  readonly dims: readonly number[];
  readonly data_type: number;
  readonly float_data?: readonly number[];
  readonly double_data?: readonly number[];
  readonly int64_data?: readonly number[];
  readonly raw_data?: Uint8Array;
}

export interface Attribute {
  readonly name: string;
  readonly type?: number;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: Tensor;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  readonly strings?: readonly Uint8Array[];
}

export interface Node {
  readonly op_type: string;
  readonly domain?: string;
  readonly name?: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly Attribute[];
}

export interface ValueInfo {
  readonly name: string;
  readonly type?: {
    readonly tensor_type?: {
      readonly elem_type?: number;
      readonly shape?: { readonly dim?: readonly { readonly dim_value?: number; readonly dim_param?: string }[] };
    };
  };
}

export interface OnnxModel {
  readonly ir_version?: number;
  readonly producer_name?: string;
  readonly producer_version?: string;
  readonly doc_string?: string;
  readonly opset_import: readonly { readonly domain?: string; readonly version: number }[];
  readonly graph: {
    readonly name?: string;
    readonly node: readonly Node[];
    readonly initializer: readonly Tensor[];
    readonly input: readonly ValueInfo[];
    readonly output: readonly ValueInfo[];
  };
  readonly metadata_props: readonly { readonly key: string; readonly value: string }[];
}

/** Numbers of types in messages. Source: onnx.proto3, TensorProto.DataType and AttributeProto.AttributeType. */
export const DATA_TYPE = { float: 1, int64: 7, bool: 9, double: 11 } as const;
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;

const one = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ rule: 'repeated', type, id });

/** Source: onnx.proto3 (ONNX 1.x); fields that are not listed are skipped when reading. */
const SCHEMA = {
  nested: {
    StringStringEntryProto: { fields: { key: one('string', 1), value: one('string', 2) } },
    OperatorSetIdProto: { fields: { domain: one('string', 1), version: one('int64', 2) } },
    Dimension: { fields: { dim_value: one('int64', 1), dim_param: one('string', 2) } },
    TensorShapeProto: { fields: { dim: many('Dimension', 1) } },
    TypeTensor: { fields: { elem_type: one('int32', 1), shape: one('TensorShapeProto', 2) } },
    TypeProto: { fields: { tensor_type: one('TypeTensor', 1) } },
    ValueInfoProto: { fields: { name: one('string', 1), type: one('TypeProto', 2) } },
    TensorProto: {
      fields: {
        dims: many('int64', 1),
        data_type: one('int32', 2),
        float_data: many('float', 4),
        int64_data: many('int64', 7),
        name: one('string', 8),
        raw_data: one('bytes', 9),
        double_data: many('double', 10),
      },
    },
    AttributeProto: {
      fields: {
        name: one('string', 1),
        f: one('float', 2),
        i: one('int64', 3),
        s: one('bytes', 4),
        t: one('TensorProto', 5),
        floats: many('float', 7),
        ints: many('int64', 8),
        strings: many('bytes', 9),
        type: one('int32', 20),
      },
    },
    NodeProto: {
      fields: {
        input: many('string', 1),
        output: many('string', 2),
        name: one('string', 3),
        op_type: one('string', 4),
        attribute: many('AttributeProto', 5),
        domain: one('string', 7),
      },
    },
    GraphProto: {
      fields: {
        node: many('NodeProto', 1),
        name: one('string', 2),
        initializer: many('TensorProto', 5),
        input: many('ValueInfoProto', 11),
        output: many('ValueInfoProto', 12),
      },
    },
    ModelProto: {
      fields: {
        ir_version: one('int64', 1),
        producer_name: one('string', 2),
        producer_version: one('string', 3),
        doc_string: one('string', 6),
        graph: one('GraphProto', 7),
        opset_import: many('OperatorSetIdProto', 8),
        metadata_props: many('StringStringEntryProto', 14),
      },
    },
  },
};

const MODEL = protobuf.Root.fromJSON(SCHEMA).lookupType('ModelProto');

/** Throws when the bytes are no such message, for instance cut short. */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const message = MODEL.toObject(MODEL.decode(bytes), { longs: Number, arrays: true });
  return message as unknown as OnnxModel; // the schema above is what the interfaces say; required parts are checked by the reader
}

export function encodeModel(model: OnnxModel): Uint8Array {
  return MODEL.encode(MODEL.fromObject(model)).finish();
}

/** The bytes of a message that holds only this, to be joined to those of a whole one. */
export function encodeModelPart(part: { readonly graph: Partial<Pick<OnnxModel['graph'], 'output'>> }): Uint8Array {
  return MODEL.encode(MODEL.fromObject(part)).finish();
}
