/** One split behind whatever scales its input, against plain arithmetic. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGraph, ML_DOMAIN } from '../../../src/formats/onnx/graph.ts';
import { ATTRIBUTE_TYPE, DATA_TYPE, encodeModel, type Node } from '../../../src/formats/onnx/protobuf.ts';
import { readOnnx } from '../../../src/formats/onnx/read.ts';
import { type Model } from '../../../src/learners/protocol.ts';

const MODES = {
  BRANCH_LEQ: (x: number, value: number) => x <= value,
  BRANCH_LT: (x: number, value: number) => x < value,
  BRANCH_GT: (x: number, value: number) => x > value,
  BRANCH_GTE: (x: number, value: number) => x >= value,
} as const;

interface Split {
  readonly mode: keyof typeof MODES;
  readonly value: number;
  readonly missingTrue: boolean;
  /** In front of the split: (x − offset)·scale in single precision, when given. */
  readonly scaler?: { readonly offset: number; readonly scale: number };
  readonly elementType: number;
}

function scalerNode({ offset, scale }: NonNullable<Split['scaler']>): Node {
  const floats = (name: string, values: readonly number[]) => ({ name, type: ATTRIBUTE_TYPE.floats, floats: values });
  const attribute = [floats('offset', [offset]), floats('scale', [scale])];
  return { op_type: 'Scaler', domain: ML_DOMAIN, input: ['x'], output: ['scaled'], attribute };
}

const modelOf = ({ scaler, ...split }: Split): Model =>
  splitBehind(scaler === undefined ? [] : [scalerNode(scaler)], split);

/** A tree of one split behind `steps`, which follow one another from x on: 1 when its test is true, else 2. */
function splitBehind(steps: readonly Node[], split: Omit<Split, 'scaler'>): Model {
  const { mode, value, missingTrue, elementType } = split;
  const graph = createGraph();
  graph.add('TreeEnsembleRegressor', [steps.at(-1)?.output[0] ?? 'x'], {
    nodes_treeids: { ints: [0, 0, 0] },
    nodes_nodeids: { ints: [0, 1, 2] },
    nodes_modes: { texts: [mode, 'LEAF', 'LEAF'] },
    nodes_featureids: { ints: [0, 0, 0] },
    nodes_values_as_tensor: { doubles: [value, 0, 0] },
    nodes_truenodeids: { ints: [1, 0, 0] },
    nodes_falsenodeids: { ints: [2, 0, 0] },
    nodes_missing_value_tracks_true: { ints: [missingTrue ? 1 : 0, 0, 0] },
    target_treeids: { ints: [0, 0] },
    target_nodeids: { ints: [1, 2] },
    target_ids: { ints: [0, 0] },
    target_weights_as_tensor: { doubles: [1, 2] },
  });
  const shape = { dim: [{ dim_param: 'n' }, { dim_value: 1 }] };
  const bytes = encodeModel({
    opset_import: [],
    graph: {
      node: [...steps, ...graph.nodes],
      initializer: graph.constants,
      input: [{ name: 'x', type: { tensor_type: { elem_type: elementType, shape } } }],
      output: [],
    },
    metadata_props: [],
  });
  return readOnnx(bytes).model;
}

const moderate = fc.float({ noNaN: true, min: -1_000, max: 1_000 });
const splits = fc.record({
  mode: fc.constantFrom(...(Object.keys(MODES) as (keyof typeof MODES)[])),
  value: fc.oneof(moderate, fc.double({ noNaN: true, min: -1_000, max: 1_000 })),
  missingTrue: fc.boolean(),
  scaler: fc.option(fc.record({ offset: moderate, scale: moderate }), { nil: undefined }),
  elementType: fc.constantFrom(DATA_TYPE.float, DATA_TYPE.double),
});

/** What reaches the split of a value, as the runtime computes it. */
function inputOf(x: number, { scaler, elementType }: Pick<Split, 'scaler' | 'elementType'>): number {
  const input = elementType === DATA_TYPE.float ? Math.fround(x) : x;
  return scaler === undefined ? input : Math.fround(Math.fround(input - scaler.offset) * scaler.scale);
}

describe('a split behind a scaler', () => {
  it('sends every value where plain arithmetic sends it', () => {
    const near = fc.record({
      share: fc.constantFrom(-1e-7, -1e-16, 0, 1e-16, 1e-7),
      far: moderate,
      isFar: fc.boolean(),
    });
    fc.assert(
      fc.property(splits, near, ({ scaler, ...rest }, { share, far, isFar }) => {
        const split: Split = { ...rest, ...(scaler && { scaler }) };
        // Where the split lies before the scaler, and beside it.
        const border =
          scaler === undefined || scaler.scale === 0 ? split.value : split.value / scaler.scale + scaler.offset;
        const x = isFar ? far : border * (1 + share);
        if (!Number.isFinite(x)) return;
        expect(modelOf(split).margin(Float64Array.of(x))).toBe(
          MODES[split.mode](inputOf(x, split), split.value) ? 1 : 2,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('sends a missing value where the node says', () => {
    fc.assert(
      fc.property(splits, ({ scaler, ...rest }) => {
        const model = modelOf({ ...rest, ...(scaler && { scaler }) });
        expect(model.margin(Float64Array.of(NaN))).toBe(rest.missingTrue ? 1 : 2);
      }),
      {
        examples: [
          [{ mode: 'BRANCH_LEQ', value: -1, missingTrue: true, scaler: { offset: 0, scale: 0 }, elementType: 1 }],
        ],
      },
    );
  });
});

it('refuses an imputer that replaces a number, and keeps what the first of two put in', () => {
  const imputing = (...imputers: readonly { readonly value: number; readonly replaced: number }[]): Model => {
    const nodes = imputers.map(({ value, replaced }, index): Node => ({
      op_type: 'Imputer',
      domain: ML_DOMAIN,
      input: [index === 0 ? 'x' : `imputed${index - 1}`],
      output: [`imputed${index}`],
      attribute: [
        { name: 'imputed_value_floats', type: ATTRIBUTE_TYPE.floats, floats: [value] },
        { name: 'replaced_value_float', type: ATTRIBUTE_TYPE.float, f: replaced },
      ],
    }));
    return splitBehind(nodes, { mode: 'BRANCH_LEQ', value: 15, missingTrue: false, elementType: DATA_TYPE.double });
  };
  expect(() => imputing({ value: 10, replaced: -999 })).toThrow('replaces a number');
  const model = imputing({ value: 10, replaced: NaN }, { value: 20, replaced: NaN });
  expect(model.margin(Float64Array.of(NaN))).toBe(1);
});
