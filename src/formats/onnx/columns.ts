/** What stands before the model in an ONNX graph: each column it reads is one feature, shifted and scaled. */
import { type GraphInput } from '../../learners/foreign-graph.ts';
import { firstDoubleWhere, firstRoundingTo, nextDouble, nextSingle, singleAtOrBelow } from '../float-steps.ts';
import { refused } from '../place.ts';
import { float, integer, numbers, placeOf, tensorNumbers } from './attributes.ts';
import { DATA_TYPE, type Node, type Tensor } from './protobuf.ts';

/** A rising, falling or constant function of one feature. */
export interface InputColumn {
  readonly feature: number;
  /** As the runtime computes it, in single precision where that does. */
  readonly apply: (x: number) => number;
  /** The same function as slope·x + shift. */
  readonly slope: number;
  readonly shift: number;
  /** What stands for a missing value of the feature; NaN when none does. */
  readonly whenMissing: number;
}

const asIs = (x: number): number => x;

export function inputColumn(feature: number, type: GraphInput['type']): InputColumn {
  return { feature, apply: type === 'float32' ? Math.fround : asIs, slope: 1, shift: 0, whenMissing: NaN };
}

type Step = (columns: readonly InputColumn[], node: Node, constant: Constant) => readonly InputColumn[];
type Constant = (name: string) => Tensor | undefined;

/** Operators that change columns one by one. */
export const COLUMN_STEPS: Readonly<Record<string, Step>> = {
  Identity: (columns) => columns,
  Cast(columns, node) {
    const type = integer(node, 'to', DATA_TYPE.float);
    if (type === DATA_TYPE.double) return columns;
    if (type !== DATA_TYPE.float) throw refused(placeOf(node), `operator Cast to type ${type} is not supported`);
    return columns.map((column) => ({ ...column, apply: rounded(column.apply) }));
  },
  Scaler(columns, node) {
    const [offset, scale] = [valuesFor(columns, node, 'offset'), valuesFor(columns, node, 'scale')];
    const shifted = columns.map((column, place) => affine(column, 1, -offset[place]!));
    return shifted.map((column, place) => affine(column, scale[place]!, 0));
  },
  Imputer(columns, node) {
    if (!Number.isNaN(float(node, 'replaced_value_float', 0))) {
      throw refused(placeOf(node), 'replaces a number in place of missing values, which is not supported');
    }
    const values = valuesFor(columns, node, 'imputed_value_floats');
    return columns.map((column, place) =>
      Number.isNaN(column.whenMissing) ? { ...column, whenMissing: values[place]! } : column,
    );
  },
  Sub: (columns, node, constant) => withConstant(columns, node, constant, (column, c) => affine(column, 1, -c)),
  Add: (columns, node, constant) => withConstant(columns, node, constant, (column, c) => affine(column, 1, c)),
  Mul: (columns, node, constant) => withConstant(columns, node, constant, (column, c) => affine(column, c, 0)),
  Div: (columns, node, constant) => withConstant(columns, node, constant, (column, c) => quotient(column, c)),
};

/** In single precision; a value as it stands, or rounded already, is rounded once. */
function rounded(apply: (x: number) => number): (x: number) => number {
  return apply === asIs || apply === Math.fround ? Math.fround : (x) => Math.fround(apply(x));
}

function affine(column: InputColumn, factor: number, shift: number): InputColumn {
  const { apply } = column;
  const step = (x: number): number => (shift === 0 ? x * factor : x + shift);
  return {
    ...column,
    apply: (x) => Math.fround(step(apply(x))),
    slope: column.slope * factor,
    shift: column.shift * factor + shift,
    whenMissing: step(column.whenMissing),
  };
}

function quotient(column: InputColumn, divisor: number): InputColumn {
  const { apply } = column;
  return {
    ...column,
    apply: (x) => Math.fround(apply(x) / divisor),
    slope: column.slope / divisor,
    shift: column.shift / divisor,
    whenMissing: column.whenMissing / divisor,
  };
}

/** One value a column; a single one stands for all. */
function valuesFor(columns: readonly InputColumn[], node: Node, name: string): readonly number[] {
  return spread(numbers(node, name), columns.length, `${placeOf(node)}, ${name}`);
}

function spread(values: readonly number[], count: number, place: string): readonly number[] {
  if (values.length === 1) return new Array<number>(count).fill(values[0]!);
  if (values.length !== count) throw refused(place, `holds ${values.length} values for ${count} columns`);
  return values;
}

/** The columns are the first input, the constant is the second. */
function withConstant(
  columns: readonly InputColumn[],
  node: Node,
  constant: Constant,
  step: (column: InputColumn, value: number) => InputColumn,
): readonly InputColumn[] {
  const tensor = constant(node.input[1] ?? '');
  if (tensor === undefined) throw refused(placeOf(node), `${node.op_type} of two inputs is not supported`);
  const values = spread(tensorNumbers(tensor, placeOf(node)), columns.length, placeOf(node));
  return columns.map((column, place) => step(column, values[place]!));
}

/** A test of the feature that is true on one side: `x < threshold` when `below`, else `x ≥ threshold`. */
export interface SideTest {
  readonly below: boolean;
  readonly threshold: number;
}

/** `column ≤ value` (`< value` when not `orEqual`) as a test of the feature. */
export function testOfFeature(column: InputColumn, value: number, orEqual: boolean): SideTest {
  const { below, threshold } = sideOf(column, value, orEqual);
  // Trees put a missing value below or above all numbers, and nothing is below the least of them.
  return threshold === -Infinity ? { below: !below, threshold: Infinity } : { below, threshold };
}

function sideOf({ apply, slope }: InputColumn, value: number, orEqual: boolean): SideTest {
  if (apply === asIs) return { below: true, threshold: orEqual ? nextDouble(value) : value };
  if (apply === Math.fround) {
    const single = orEqual ? nextSingle(singleAtOrBelow(value)) : -singleAtOrBelow(-value);
    return { below: true, threshold: firstRoundingTo(single) };
  }
  const holds = (x: number): boolean => (orEqual ? apply(x) <= value : apply(x) < value);
  if (slope > 0) return { below: true, threshold: firstDoubleWhere((x) => !holds(x)) };
  if (slope < 0) return { below: false, threshold: firstDoubleWhere(holds) };
  return { below: true, threshold: holds(0) ? Infinity : -Infinity };
}
