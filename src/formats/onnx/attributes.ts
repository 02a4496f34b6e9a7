/** Attributes of ONNX nodes and values of ONNX tensors, with defaults and errors that name the node. */
import { refused } from '../place.ts';
import { type Attribute, DATA_TYPE, type Node, type Tensor } from './protobuf.ts';

export const placeOf = (node: Node): string => `node ${node.name || node.op_type}`;

const find = (node: Node, name: string): Attribute | undefined => node.attribute.find((item) => item.name === name);

/** A list of numbers: of integers or floats, or under `<name>_as_tensor` as a tensor. Empty when absent. */
export function numbers(node: Node, name: string): readonly number[] {
  const tensor = find(node, `${name}_as_tensor`)?.t;
  if (tensor !== undefined) return tensorNumbers(tensor, `${placeOf(node)}, ${name}_as_tensor`);
  const attribute = find(node, name);
  const { floats = [], ints = [] } = attribute ?? {};
  return floats.length > 0 ? floats : ints;
}

/** The same, of the given length. */
export function numbersOf(node: Node, name: string, length: number): readonly number[] {
  const values = numbers(node, name);
  if (values.length !== length)
    throw refused(`${placeOf(node)}, ${name}`, `holds ${values.length} values, not ${length}`);
  const bad = values.findIndex((value) => Number.isNaN(value));
  if (bad >= 0) throw refused(`${placeOf(node)}, ${name}[${bad}]`, 'is not a number');
  return values;
}

const text = new TextDecoder();

export function texts(node: Node, name: string): readonly string[] {
  return (find(node, name)?.strings ?? []).map((bytes) => text.decode(bytes));
}

export function textOf(node: Node, name: string, whenAbsent: string): string {
  const bytes = find(node, name)?.s;
  return bytes === undefined ? whenAbsent : text.decode(bytes);
}

export function integer(node: Node, name: string, whenAbsent: number): number {
  return find(node, name)?.i ?? whenAbsent;
}

export function float(node: Node, name: string, whenAbsent: number): number {
  return find(node, name)?.f ?? whenAbsent;
}

/** The values of a tensor of floats, doubles or 64-bit integers. */
export function tensorNumbers(tensor: Tensor, place: string): readonly number[] {
  const { data_type: type, raw_data: raw } = tensor;
  const count = tensor.dims.reduce((product, size) => product * size, 1);
  const values = raw === undefined || raw.length === 0 ? listed(tensor) : rawNumbers(raw, type);
  if (values === undefined) throw refused(place, `holds values of type ${type}, which are not supported`);
  if (values.length !== count) throw refused(place, `holds ${values.length} values, not ${count}`);
  return values;
}

function listed({ data_type: type, float_data, double_data, int64_data }: Tensor): readonly number[] | undefined {
  if (type === DATA_TYPE.float) return float_data ?? [];
  if (type === DATA_TYPE.double) return double_data ?? [];
  return type === DATA_TYPE.int64 ? (int64_data ?? []) : undefined;
}

function rawNumbers(raw: Uint8Array, type: number): readonly number[] | undefined {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const read = (width: number, at: (offset: number) => number): readonly number[] =>
    Array.from({ length: Math.floor(raw.byteLength / width) }, (_, index) => at(index * width));
  if (type === DATA_TYPE.float) return read(4, (offset) => view.getFloat32(offset, true));
  if (type === DATA_TYPE.double) return read(8, (offset) => view.getFloat64(offset, true));
  return type === DATA_TYPE.int64 ? read(8, (offset) => Number(view.getBigInt64(offset, true))) : undefined;
}
