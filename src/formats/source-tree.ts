/** A tree as other libraries store it, in any order of nodes, becomes one of ours. */
import { type ForeignColumn } from '../learners/foreign-trees.ts';
import { type Tree } from '../trees/tree.ts';
import { refused } from './place.ts';

/** Rows with `x < threshold` in column `column` go to `left`. */
export interface SourceSplit {
  readonly column: number;
  readonly threshold: number;
  readonly missingLeft: boolean;
  readonly left: number;
  readonly right: number;
  readonly gain: number;
}

export type SourceNode = { readonly cover: number } & (SourceSplit | { readonly value: number });

/**
 * The tree below node `root`; `read` describes nodes 0..`count`−1. Refuses children outside these, nodes reached twice
 * (a cycle, or branches that join) and covers below 0.
 */
export function growTree(count: number, read: (node: number) => SourceNode, place: string, root = 0): Tree {
  const order = [root];
  const nodes: SourceNode[] = [];
  const lefts: number[] = [];
  const seen = new Uint8Array(count);
  seen[root] = 1;
  for (let at = 0; at < order.length; at++) {
    const node = read(order[at]!);
    if (!(node.cover >= 0)) throw refused(`${place}, node ${order[at]}`, `its cover is ${node.cover}`);
    nodes.push(node);
    lefts.push('value' in node ? 0 : order.length);
    if ('value' in node) continue;
    for (const child of [node.left, node.right]) {
      if (!Number.isInteger(child) || child < 0 || child >= count) {
        throw refused(`${place}, node ${order[at]}`, `leads to node ${child} of ${count}`);
      }
      if (seen[child] === 1)
        throw refused(`${place}, node ${order[at]}`, `leads to node ${child}, which was reached before`);
      seen[child] = 1;
      order.push(child);
    }
  }
  return treeOf(nodes, lefts);
}

function treeOf(nodes: readonly SourceNode[], lefts: readonly number[]): Tree {
  return {
    feature: Int32Array.from(nodes, (node) => ('value' in node ? -1 : node.column)),
    threshold: Float64Array.from(nodes, (node) => ('value' in node ? 0 : node.threshold)),
    missingLeft: Uint8Array.from(nodes, (node) => ('value' in node || !node.missingLeft ? 0 : 1)),
    left: Int32Array.from(lefts),
    value: Float64Array.from(nodes, (node) => ('value' in node ? node.value : 0)),
    cover: Float64Array.from(nodes, ({ cover }) => cover),
    gain: Float64Array.from(nodes, (node) => ('value' in node ? 0 : node.gain)),
  };
}

/** A test that a value is in a set compares the column of its set with this: members are 1 and go right. */
export const MEMBER_THRESHOLD = 0.5;

/** The columns trees test: the features themselves, then those made of them, each once. */
export interface ColumnList {
  readonly columns: readonly ForeignColumn[];
  zeroMissing(feature: number, bound: number): number;
  members(feature: number, members: readonly number[]): number;
}

export function createColumnList(featureCount: number): ColumnList {
  const columns: ForeignColumn[] = Array.from({ length: featureCount }, (_, feature) => ({ kind: 'copy', feature }));
  const known = new Map<string, number>();
  const add = (key: string, column: ForeignColumn): number => {
    const place = known.get(key) ?? columns.push(column) - 1;
    known.set(key, place);
    return place;
  };
  return {
    columns,
    zeroMissing: (feature, bound) => add(`zero ${feature}`, { kind: 'zero-missing', feature, bound }),
    members(feature, members) {
      const sorted = Int32Array.from(members).sort();
      return add(`members ${feature} ${sorted.join(' ')}`, { kind: 'member', feature, members: sorted });
    },
  };
}
