/** What stands before the model in an ONNX graph: each column it reads is one feature, shifted and scaled. */
import { firstDoubleWhere } from '../float-steps.ts';
import { refused } from '../place.ts';
import { numbers, placeOf, tensorNumbers } from './attributes.ts';
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

export function inputColumn(feature: number, elementType: number): InputColumn {
  const apply = elementType === DATA_TYPE.float ? Math.fround : (x: number): number => x;
  return { feature, apply, slope: 1, shift: 0, whenMissing: NaN };
}

type Step = (columns: readonly InputColumn[], node: Node, constant: Constant) => readonly InputColumn[];
type Constant = (name: string) => Tensor | undefined;

/** Operators that change columns one by one. */
export const COLUMN_STEPS: Readonly<Record<string, Step>> = {
  Identity: (columns) => columns,
  Cast: (columns) => columns.map((column) => ({ ...column, apply: (x) => Math.fround(column.apply(x)) })),
  Scaler(columns, node) {
    const [offset, scale] = [valuesFor(columns, node, 'offset'), valuesFor(columns, node, 'scale')];
    const shifted = columns.map((column, place) => affine(column, 1, -offset[place]!));
    return shifted.map((column, place) => affine(column, scale[place]!, 0));
  },
  Imputer(columns, node) {
    const values = valuesFor(columns, node, 'imputed_value_floats');
    return columns.map((column, place) => ({ ...column, whenMissing: values[place]! }));
  },
  Sub: (columns, node, constant) => withConstant(columns, node, constant, (column, c) => affine(column, 1, -c)),
  Add: (columns, node, constant) => withConstant(columns, node, constant, (column, c) => affine(column, 1, c)),
  Mul: (columns, node, constant) => withConstant(columns, node, constant, (column, c) => affine(column, c, 0)),
  Div: (columns, node, constant) => withConstant(columns, node, constant, (column, c) => quotient(column, c)),
};

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

/** `test` of the column's value, which must be true below some value and false from it on, as a test of the feature. */
export function testOfFeature({ apply, slope }: InputColumn, test: (value: number) => boolean): SideTest {
  if (slope > 0) return { below: true, threshold: firstDoubleWhere((x) => !test(apply(x))) };
  if (slope < 0) return { below: false, threshold: firstDoubleWhere((x) => test(apply(x))) };
  return { below: true, threshold: test(apply(0)) ? Infinity : -Infinity };
}
