/** The leaf a row falls in, in each symmetric tree: found once for a score and its explanation. */
import { copyRow, fillProgram, SLOT_PAIR_BYTES, slotOf } from './slots.ts';
import { type SymmetricTree, type TreeEnsemble } from './tree.ts';
import {
  addDoubles,
  addIntegers,
  assemble,
  type Code,
  integer,
  isAtLeast,
  loadDouble,
  loadInteger,
  local,
  multiplyIntegers,
  or,
  repeat,
  setLocal,
  shiftLeft,
  storeInteger,
} from './wasm.ts';

const DOUBLE_BYTES = Float64Array.BYTES_PER_ELEMENT;
const INTEGER_BYTES = Int32Array.BYTES_PER_ELEMENT;

export interface SymmetricLeaves {
  /** Leaf of each tree, valid until the next call; for the values of the last call it costs a comparison of them. */
  of(row: Float64Array, offset: number): Int32Array;
  /** Sum of the values of these leaves, in the order of the trees. */
  sum(row: Float64Array, offset: number): number;
}

/** Holds its own scratch memory: one call at a time. */
export function createSymmetricLeaves({ symmetric, featureCount }: TreeEnsemble): SymmetricLeaves {
  let kernel: Kernel | undefined;
  let sum: number | undefined;
  const see = (row: Float64Array, offset: number): number => {
    kernel ??= createKernel(symmetric, featureCount);
    if (sum !== undefined && isSame(row, offset, kernel.seen)) return sum;
    copyRow(row, offset, kernel.seen);
    sum = kernel.run();
    return sum;
  };
  return {
    of(row, offset) {
      see(row, offset);
      return kernel!.leaves;
    },
    sum: see,
  };
}

/** Whether no test can tell the row from the one in `seen`. */
function isSame(row: Float64Array, offset: number, seen: Float64Array): boolean {
  for (let feature = 0; feature < seen.length; feature++) {
    const a = row[offset + feature]!;
    const b = seen[feature]!;
    if (a !== b && (a === a || b === b)) return false;
  }
  return true;
}

interface Kernel {
  /** The row at hand. */
  readonly seen: Float64Array;
  readonly leaves: Int32Array;
  /** Finds the leaves of the row; returns the sum of their values. */
  readonly run: () => number;
}

/** Pads all trees, of which there must be one, to one depth by tests that nothing passes: a comparison with NaN. */
function createKernel(trees: readonly SymmetricTree[], featureCount: number): Kernel {
  const levels = trees.reduce((most, tree) => Math.max(most, tree.feature.length), 0);
  const slotsAt = 0;
  const rowAt = slotsAt + SLOT_PAIR_BYTES * featureCount;
  const thresholdsAt = rowAt + DOUBLE_BYTES * featureCount;
  const valuesAt = thresholdsAt + DOUBLE_BYTES * trees.length * levels;
  const addressesAt = valuesAt + DOUBLE_BYTES * trees.length * 2 ** levels;
  const leavesAt = addressesAt + INTEGER_BYTES * trees.length * levels;
  const { memory, run } = assemble({
    parameters: 0,
    integerLocals: 7,
    doubleLocals: 1,
    pairLocals: 1,
    body: [
      ...fillProgram({ rowAt, slotsAt, features: featureCount }, [5, 6, 8]),
      ...leavesProgram(trees.length, levels, { thresholdsAt, valuesAt, addressesAt, leavesAt }),
    ],
    bytes: leavesAt + INTEGER_BYTES * trees.length,
  });
  const thresholds = new Float64Array(memory, thresholdsAt, trees.length * levels).fill(NaN);
  const values = new Float64Array(memory, valuesAt, trees.length * 2 ** levels);
  const addresses = new Int32Array(memory, addressesAt, trees.length * levels);
  trees.forEach((tree, place) => {
    values.set(tree.value, place * 2 ** levels);
    thresholds.set(tree.threshold, place * levels);
    tree.feature.forEach((feature, level) => {
      addresses[place * levels + level] = slotsAt + DOUBLE_BYTES * slotOf(feature, tree.missingLeft[level]!);
    });
  });
  return {
    seen: new Float64Array(memory, rowAt, featureCount),
    leaves: new Int32Array(memory, leavesAt, trees.length),
    run,
  };
}

/**
 * For each tree: leaf ← Σ (slot tested at level l ≥ threshold l) << l, sum ← sum + value of the leaf. The tests of a tree
 * are written out one after the other.
 */
function leavesProgram(
  trees: number,
  levels: number,
  at: Readonly<Record<'thresholdsAt' | 'valuesAt' | 'addressesAt' | 'leavesAt', number>>,
): Code {
  const [tree, ints, doubles, values, leaf, sum] = [0, 1, 2, 3, 4, 7];
  const advance = (index: number, bytes: number): Code => setLocal(index, addIntegers(local(index), integer(bytes)));
  const tests = Array.from({ length: levels }, (_, level) => {
    const slot = loadDouble(loadInteger(local(ints), at.addressesAt + INTEGER_BYTES * level), 0);
    const passed = isAtLeast(slot, loadDouble(local(doubles), at.thresholdsAt + DOUBLE_BYTES * level));
    return shiftLeft(passed, integer(level));
  });
  const valueAddress = addIntegers(local(values), multiplyIntegers(local(leaf), integer(DOUBLE_BYTES)));
  const body = [
    ...setLocal(leaf, tests.reduce(or, integer(0))),
    ...storeInteger(multiplyIntegers(local(tree), integer(INTEGER_BYTES)), at.leavesAt, local(leaf)),
    ...setLocal(sum, addDoubles(local(sum), loadDouble(valueAddress, at.valuesAt))),
    ...advance(ints, INTEGER_BYTES * levels),
    ...advance(doubles, DOUBLE_BYTES * levels),
    ...advance(values, DOUBLE_BYTES * 2 ** levels),
  ];
  return [...repeat(tree, trees, body), ...local(sum)];
}
