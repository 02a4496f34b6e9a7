/** Turns an ensemble into a fast scorer of single rows. */
import { copyRow, fillProgram, SLOT_PAIR_BYTES, slotOf } from './slots.ts';
import { createSymmetricLeaves } from './symmetric-leaves.ts';
import { depthOf, type Tree, type TreeEnsemble } from './tree.ts';
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
  roundToSingle,
  setLocal,
  shiftLeft,
  walk,
} from './wasm.ts';

/** The margin of the row of `featureCount` values that starts at `offset`. */
export type RowScorer = (row: Float64Array, offset: number) => number;

/** Trees walked side by side, so that one's memory latency hides behind the others'. */
const LANES = 8;
const DOUBLE_BYTES = Float64Array.BYTES_PER_ELEMENT;

/** A node: f64 threshold or, in a leaf, value; i32 address of what is tested; i32 left child. The right one follows. */
const NODE_BITS = 4;
const NODE_BYTES = 1 << NODE_BITS;
const NODE_TESTED = 8;
const NODE_LEFT = 12;
/** A group of trees: i32 levels, i32 root of each. */
const GROUP_BYTES = 4 * (LANES + 1);
const GROUP_ROOTS = 4;

/**
 * A scorer holding its own scratch memory: one call at a time. `leaves`, of the same ensemble, may be shared with an
 * explainer.
 */
export function createScorer(ensemble: TreeEnsemble, leaves = createSymmetricLeaves(ensemble)): RowScorer {
  const { baseMargin, trees, featureCount } = ensemble;
  if (ensemble.symmetric.length > 0) return (row, offset) => baseMargin + leaves.sum(row, offset);
  const byDepth = trees
    .map((tree) => ({ tree, depth: depthOf(tree) }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ tree }) => tree);
  // Four at a time: the order of additions is part of what a model computes.
  const sum = (before: Code, values: readonly Code[]): Code =>
    [values.slice(0, 4), values.slice(4)].reduce<Code>(
      (total, [a, b, c, d]) => addDoubles(total, addDoubles(addDoubles(a!, b!), addDoubles(c!, d!))),
      before,
    );
  return laneScorer(byDepth, baseMargin, featureCount, sum);
}

/**
 * The margin as libraries that compute in single precision give it, the sum rounded after every tree, in order; leaves and
 * base margin must be single-precision numbers. Binary trees only, with scratch memory as above.
 */
export function createFloat32Scorer({ trees, baseMargin, featureCount }: TreeEnsemble): RowScorer {
  const sum = (before: Code, values: readonly Code[]): Code =>
    values.reduce((total, value) => roundToSingle(addDoubles(total, value)), before);
  return laneScorer(trees, baseMargin, featureCount, sum);
}

/** Walks neighbours side by side; `sum` adds the values of a group's leaves to what came before. */
function laneScorer(
  trees: readonly Tree[],
  baseMargin: number,
  featureCount: number,
  sum: (before: Code, values: readonly Code[]) => Code,
): RowScorer {
  const nodes = trees.reduce((count, tree) => count + tree.feature.length, 1);
  const groups = Math.ceil(trees.length / LANES);
  const places = { slotsAt: 0, rowAt: SLOT_PAIR_BYTES * featureCount, features: featureCount };
  // Behind the row stands NaN, against which no threshold holds: leaves test it, and lead to themselves.
  const never = places.rowAt + DOUBLE_BYTES * featureCount;
  const nodesAt = Math.ceil((never + DOUBLE_BYTES) / NODE_BYTES) * NODE_BYTES;
  const groupsAt = nodesAt + NODE_BYTES * nodes;
  const { memory, run } = assemble({
    parameters: 1,
    integerLocals: LANES + 2,
    doubleLocals: 0,
    pairLocals: 1,
    body: [...fillProgram(places, [1, 2, LANES + 3]), ...laneProgram(groupsAt, groups, sum)],
    bytes: groupsAt + GROUP_BYTES * groups,
  });
  const view = new DataView(memory);
  view.setFloat64(never, NaN, true);
  const writeLeaf = (at: number, value: number): void => {
    view.setFloat64(at, value, true);
    view.setInt32(at + NODE_TESTED, never, true);
    view.setInt32(at + NODE_LEFT, at, true);
  };
  // The first node is a leaf worth 0, for the lanes that the last group leaves empty.
  writeLeaf(nodesAt, 0);
  for (let lane = 0; lane < LANES * groups; lane++) view.setInt32(rootAt(groupsAt, lane), nodesAt, true);
  let from = nodesAt + NODE_BYTES;
  trees.forEach((tree, place) => {
    const group = groupsAt + GROUP_BYTES * Math.floor(place / LANES);
    view.setInt32(rootAt(groupsAt, place), from, true);
    view.setInt32(group, Math.max(view.getInt32(group, true), depthOf(tree)), true);
    for (let node = 0; node < tree.feature.length; node++) {
      const at = from + NODE_BYTES * node;
      const feature = tree.feature[node]!;
      if (feature < 0) {
        writeLeaf(at, tree.value[node]!);
        continue;
      }
      view.setFloat64(at, tree.threshold[node]!, true);
      view.setInt32(at + NODE_TESTED, DOUBLE_BYTES * slotOf(feature, tree.missingLeft[node]!), true);
      view.setInt32(at + NODE_LEFT, from + NODE_BYTES * tree.left[node]!, true);
    }
    from += NODE_BYTES * tree.feature.length;
  });
  const cells = new Float64Array(memory, places.rowAt, featureCount);
  return (row, offset) => {
    copyRow(row, offset, cells);
    return run(baseMargin);
  };
}

const rootAt = (groupsAt: number, place: number): number =>
  groupsAt + GROUP_BYTES * Math.floor(place / LANES) + GROUP_ROOTS + 4 * (place % LANES);

/** For each group, level by level: node ← left child + (what is tested ≥ threshold); then the sum of the leaves. */
function laneProgram(groupsAt: number, groups: number, sum: (before: Code, values: readonly Code[]) => Code): Code {
  const [total, group, level, firstLane] = [0, 1, 2, 3];
  const lanes = Array.from({ length: LANES }, (_, lane) => firstLane + lane);
  const step = (node: number): Code => {
    const isRight = isAtLeast(loadDouble(loadInteger(local(node), NODE_TESTED), 0), loadDouble(local(node), 0));
    return setLocal(node, addIntegers(loadInteger(local(node), NODE_LEFT), shiftLeft(isRight, integer(NODE_BITS))));
  };
  const body = [
    ...lanes.flatMap((node, lane) => setLocal(node, loadInteger(local(group), GROUP_ROOTS + 4 * lane))),
    ...setLocal(level, integer(0)),
    ...walk(level, loadInteger(local(group), 0), 1, lanes.flatMap(step)),
    ...setLocal(
      total,
      sum(
        local(total),
        lanes.map((node) => loadDouble(local(node), 0)),
      ),
    ),
  ];
  return [
    ...setLocal(group, integer(groupsAt)),
    ...walk(group, integer(groupsAt + GROUP_BYTES * groups), GROUP_BYTES, body),
    ...local(total),
  ];
}
