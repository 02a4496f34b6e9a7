/** What leaves are worth where splits are scored by the weight of rows: a Newton step all the same. */
import {
  CURVATURES,
  LEAF_CURVATURES,
  LEARNING_RATE,
  L2,
  NODE_BYTES,
  NODE_GRADIENT,
  NODE_LEFT,
  NODE_VALUE,
  SPLITS_BY_WEIGHT,
} from '../job.ts';
import { namesOf, rowsOf } from './nodes.ts';
import { barrier, thread, threads } from './team.ts';

/** Sets the values of the leaves among `count` nodes, of which all are leaves in a symmetric tree. */
export function settleLeaves(nodes: usize, count: u32, isSymmetric: bool): void {
  if (load<u32>(SPLITS_BY_WEIGHT) == 0) return;
  const sums = load<usize>(LEAF_CURVATURES);
  for (let index: u32 = thread; index < count; index += threads) {
    const node = nodes + index * NODE_BYTES;
    if (isSymmetric || load<u32>(node + NODE_LEFT) == 0) store<f64>(sums + (index << 3), curvatureOf(node));
  }
  barrier();
  for (let index: u32 = 0; index < count; index++) {
    const node = nodes + index * NODE_BYTES;
    if (!isSymmetric && load<u32>(node + NODE_LEFT) != 0) continue;
    const step = load<f64>(LEARNING_RATE) * -load<f64>(node + NODE_GRADIENT);
    store<f64>(node + NODE_VALUE, step / (load<f64>(sums + (index << 3)) + load<f64>(L2)));
  }
}

function curvatureOf(node: usize): f64 {
  const curvatures = load<usize>(CURVATURES);
  const names = namesOf(node);
  let sum: f64 = 0;
  for (let name = names; name < names + ((<usize>rowsOf(node)) << 2); name += 4) {
    sum += load<f64>(curvatures + (load<usize>(name) << 3));
  }
  return sum;
}
