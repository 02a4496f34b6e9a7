/** The margin as libraries that compute in single precision give it: the sum rounded after every tree, in order. */
import { type RowScorer } from './predict.ts';
import { type TreeEnsemble } from './tree.ts';

/** A scorer of an ensemble's binary trees whose leaves and base margin are single-precision numbers. */
export function createFloat32Scorer({ trees, baseMargin }: TreeEnsemble): RowScorer {
  return (row, offset) => {
    let sum = baseMargin;
    for (const tree of trees) {
      let node = 0;
      for (let feature = tree.feature[0]!; feature >= 0; feature = tree.feature[node]!) {
        const x = row[offset + feature]!;
        const right = x !== x ? tree.missingLeft[node] === 0 : x >= tree.threshold[node]!;
        node = tree.left[node]! + (right ? 1 : 0);
      }
      sum = Math.fround(sum + tree.value[node]!);
    }
    return sum;
  };
}
