/** The kernel of path-shap.ts: contributions of a row at a few quadrature points, over trees of path-layout.ts. */
import * as layout from './path-layout.ts';
import { DOUBLE_BYTES, INTEGER_BYTES, PAIR_BYTES, type PathAreas, type PathRecords } from './path-layout.ts';
import {
  addDoubles,
  addIntegers,
  branch,
  type Code,
  integer,
  isAtLeast,
  loadDouble,
  loadInteger,
  local,
  multiplyDoubles,
  multiplyIntegers,
  setLocal,
  storeDouble,
  storeInteger,
  subtractIntegers,
  walk,
  walkBack,
} from './wasm.ts';
import {
  addPairs,
  firstOf,
  loadPair,
  loadTwice,
  multiplyPairs,
  pairOf,
  secondOf,
  storePair,
  subtractPairs,
} from './wasm-pairs.ts';

/** Pairs of points a sweep works on side by side, at most: what a processor's registers hold. */
export const MOST_PAIRS = 4;

/** A sweep over trees: two points a pair, with their weights. */
export interface Sweep {
  readonly records: PathRecords;
  readonly points: Float64Array;
  readonly weights: Float64Array;
  /** Where these points begin among those of the records' repeated tests. */
  readonly firstPoint: number;
}

/** Work area of a node: products of the factors above it, sums over the leaves below it, and whether its edge is passed. */
export const nodeBytesOf = (pairs: number): number => 2 * PAIR_BYTES * pairs + PAIR_BYTES;
export const passedAt = (pairs: number): number => 2 * PAIR_BYTES * pairs;

// Parameter and locals of the program.
const WEIGHT = 0;
const TREE = 1;
const SPLIT = 2;
const FIRST_SPLIT = 3;
const TWIG = 4;
const LEAF = 5;
/** 1 when the row goes right, and 8 then. */
const SIDE = 6;
const SIDE_BYTES = 7;
const NODE = 8;
/** Work areas of the child the row goes to and of the other. */
const ON = 9;
const OFF = 10;
const REPEAT = 11;
const PASSED = 12;
const SUM = 13;
/** Pairs from here: shares of both edges, what a leaf pair is worth on average and how far the row's leaf is from it. */
const ON_SHARE = 14;
const OFF_SHARE = 15;
const MEAN = 16;
const GAP = 17;
/** Pairs in turn. */
const PRODUCT = 18;
const REST = 19;
const WORTH = 20;
/** [pairs]: t, then 1 − t. */
const POINTS = 21;

export const LOCALS = { parameters: 1, integerLocals: 13, doubleLocals: 0, pairLocals: 7 + 2 * MOST_PAIRS } as const;

/** What may be used before the first sweep. */
export const FILL_LOCALS = [ON, OFF, REST] as const;

const NONE = pairOf(0, 0);
const pointOf = (pair: number): Code => local(POINTS + pair);
const complementOf = (pair: number): Code => local(POINTS + MOST_PAIRS + pair);

/** Where the product and the sum of a node, at its local, stand. */
const productAt = (pair: number): number => PAIR_BYTES * pair;
const sumAt = (pairs: number, pair: number): number => PAIR_BYTES * (pairs + pair);

/** `on`·a + `off`·b. */
const mix = (on: Code, a: Code, off: Code, b: Code): Code => addPairs(multiplyPairs(on, a), multiplyPairs(off, b));
const each = (pairs: number, code: (pair: number) => Code): Code =>
  Array.from({ length: pairs }, (_, pair) => code(pair)).flat();

/** Sets what both directions need to know of the test at a record: its side, node, shares and repetition. */
const readTest = (record: number): Code => [
  ...setLocal(
    SIDE,
    isAtLeast(
      loadDouble(loadInteger(local(record), layout.SPLIT_SLOT), 0),
      loadDouble(local(record), layout.SPLIT_THRESHOLD),
    ),
  ),
  ...setLocal(SIDE_BYTES, multiplyIntegers(local(SIDE), integer(DOUBLE_BYTES))),
  ...setLocal(NODE, loadInteger(local(record), layout.SPLIT_NODE)),
  ...setLocal(ON_SHARE, loadTwice(onSide(record), layout.SPLIT_SHARES)),
  ...setLocal(OFF_SHARE, loadTwice(offSide(record), layout.SPLIT_SHARES + DOUBLE_BYTES)),
  ...setLocal(REPEAT, loadInteger(local(record), layout.SPLIT_REPEAT)),
];

/** Of two doubles at a record, the address of the one for the side the row goes to, and of the other less 8. */
const onSide = (record: number): Code => addIntegers(local(record), local(SIDE_BYTES));
const offSide = (record: number): Code => subtractIntegers(local(record), local(SIDE_BYTES));

const readChildren = (nodeBytes: number): Code => {
  const left = loadInteger(local(SPLIT), layout.SPLIT_LEFT);
  return [
    ...setLocal(OFF, left),
    ...setLocal(ON, addIntegers(local(OFF), multiplyIntegers(local(SIDE), integer(nodeBytes)))),
    ...setLocal(OFF, subtractIntegers(addIntegers(addIntegers(local(OFF), local(OFF)), integer(nodeBytes)), local(ON))),
  ];
};

/** Work areas of the left and of the right child, whichever the row goes to. */
const leftChild = loadInteger(local(SPLIT), layout.SPLIT_LEFT);
const rightChild = (nodeBytes: number): Code => addIntegers(leftChild, integer(nodeBytes));

/** Three ways: a feature met for the first time, again after the row passed, again after it did not. */
const byHistory = (fresh: Code, passed: Code, failed: Code): Code => {
  const isPassed = loadInteger(loadInteger(local(REPEAT), layout.REPEAT_PASSED), 0);
  return branch(local(REPEAT), [...setLocal(PASSED, isPassed), ...branch(local(PASSED), passed, failed)], fresh);
};

const addWorth = (record: number, worth: Code): Code => [
  ...setLocal(SUM, loadInteger(local(record), layout.SPLIT_SUM)),
  ...storePair(local(SUM), 0, addPairs(loadPair(local(SUM), 0), worth)),
];

/** The program of one sweep, to be followed by `finish`. */
export function sweepProgram({ records, points, weights, firstPoint }: Sweep, areas: PathAreas): Code {
  const pairs = points.length / 2;
  const { nodeBytes, passed: passedOffset } = areas;
  const inverse = (pair: number): Code =>
    loadPair(local(REPEAT), layout.REPEAT_INVERSE + DOUBLE_BYTES * firstPoint + PAIR_BYTES * pair);
  const product = (pair: number): Code => loadPair(local(NODE), productAt(pair));
  const part = (side: number): Code => loadTwice(local(REPEAT), layout.REPEAT_PARTS + DOUBLE_BYTES * side);
  const rest = loadTwice(local(REPEAT), layout.REPEAT_REST);

  /** The factor of an edge is z(1 − t), and t more when it is passed. */
  const divide = (pair: number): Code => [
    ...setLocal(REST, multiplyPairs(local(PRODUCT), complementOf(pair))),
    ...storePair(local(ON), productAt(pair), mix(local(PRODUCT), pointOf(pair), local(REST), local(ON_SHARE))),
    ...storePair(local(OFF), productAt(pair), multiplyPairs(local(REST), local(OFF_SHARE))),
  ];
  const notePassed = (passed: Code): Code => [
    ...storeInteger(local(ON), passedOffset, passed),
    ...storeInteger(local(OFF), passedOffset, integer(0)),
  ];
  const goDown: Code = [
    ...readTest(SPLIT),
    ...readChildren(nodeBytes),
    ...byHistory(
      [...notePassed(integer(1)), ...each(pairs, (pair) => [...setLocal(PRODUCT, product(pair)), ...divide(pair)])],
      [
        ...notePassed(integer(1)),
        ...each(pairs, (pair) => [
          ...setLocal(PRODUCT, multiplyPairs(product(pair), inverse(pair))),
          ...storePair(local(NODE), productAt(pair), local(PRODUCT)),
          ...divide(pair),
        ]),
      ],
      [
        ...notePassed(integer(0)),
        ...each(pairs, (pair) => [
          ...setLocal(PRODUCT, product(pair)),
          ...storePair(leftChild, productAt(pair), multiplyPairs(local(PRODUCT), part(0))),
          ...storePair(rightChild(nodeBytes), productAt(pair), multiplyPairs(local(PRODUCT), part(1))),
        ]),
      ],
    ),
  ];

  /** Takes `gap`, how far the row's side is from the mean of both, into account: for the sum above, and as worth. */
  const settle = (pair: number, mean: Code, gap: Code): Code => [
    ...storePair(local(NODE), sumAt(pairs, pair), addPairs(mean, multiplyPairs(pointOf(pair), gap))),
    ...setLocal(WORTH, addPairs(local(WORTH), multiplyPairs(product(pair), gap))),
  ];
  /** The same less what the edge above takes of this sum for the same feature. */
  const settleAgain = (pair: number, mean: Code, gap: Code): Code => [
    ...setLocal(REST, multiplyPairs(addPairs(mean, multiplyPairs(pointOf(pair), gap)), inverse(pair))),
    ...storePair(local(NODE), sumAt(pairs, pair), local(REST)),
    ...setLocal(
      WORTH,
      addPairs(local(WORTH), multiplyPairs(product(pair), subtractPairs(gap, multiplyPairs(rest, local(REST))))),
    ),
  ];
  const readSums = (pair: number): Code => {
    const [on, off] = [loadPair(local(ON), sumAt(pairs, pair)), loadPair(local(OFF), sumAt(pairs, pair))];
    return [
      ...setLocal(GAP, on),
      ...setLocal(MEAN, mix(local(ON_SHARE), local(GAP), local(OFF_SHARE), off)),
      ...setLocal(GAP, subtractPairs(local(GAP), local(MEAN))),
    ];
  };
  const start = setLocal(WORTH, NONE);
  const comeUp: Code = [
    ...readTest(SPLIT),
    ...readChildren(nodeBytes),
    ...byHistory(
      [
        ...start,
        ...each(pairs, (pair) => [...readSums(pair), ...settle(pair, local(MEAN), local(GAP))]),
        ...addWorth(SPLIT, local(WORTH)),
      ],
      [
        ...start,
        ...each(pairs, (pair) => [...readSums(pair), ...settleAgain(pair, local(MEAN), local(GAP))]),
        ...addWorth(SPLIT, local(WORTH)),
      ],
      each(pairs, (pair) => {
        const [left, right] = [leftChild, rightChild(nodeBytes)].map((child) => loadPair(child, sumAt(pairs, pair)));
        return storePair(local(NODE), sumAt(pairs, pair), mix(part(0), left!, part(1), right!));
      }),
    ),
  ];

  const leafValue = (side: number): Code => loadTwice(local(TWIG), layout.TWIG_VALUES + DOUBLE_BYTES * side);
  const readTwig: Code = [
    ...setLocal(GAP, loadTwice(onSide(TWIG), layout.TWIG_VALUES)),
    ...setLocal(
      MEAN,
      mix(local(ON_SHARE), local(GAP), local(OFF_SHARE), loadTwice(offSide(TWIG), layout.TWIG_VALUES + DOUBLE_BYTES)),
    ),
    ...setLocal(GAP, subtractPairs(local(GAP), local(MEAN))),
  ];
  const visitTwig: Code = [
    ...readTest(TWIG),
    ...byHistory(
      [
        ...readTwig,
        ...start,
        ...each(pairs, (pair) => settle(pair, local(MEAN), local(GAP))),
        ...addWorth(TWIG, local(WORTH)),
      ],
      [
        ...readTwig,
        ...start,
        ...each(pairs, (pair) => [
          ...storePair(local(NODE), productAt(pair), multiplyPairs(product(pair), inverse(pair))),
          ...settleAgain(pair, local(MEAN), local(GAP)),
        ]),
        ...addWorth(TWIG, local(WORTH)),
      ],
      [
        ...setLocal(MEAN, mix(part(0), leafValue(0), part(1), leafValue(1))),
        ...each(pairs, (pair) => storePair(local(NODE), sumAt(pairs, pair), local(MEAN))),
      ],
    ),
  ];

  const visitLeaf: Code = [
    ...setLocal(MEAN, loadTwice(local(LEAF), layout.LEAF_VALUE)),
    ...setLocal(NODE, loadInteger(local(LEAF), layout.LEAF_NODE)),
    ...each(pairs, (pair) => storePair(local(NODE), sumAt(pairs, pair), local(MEAN))),
  ];

  const end = (kind: number): Code => loadInteger(local(TREE), INTEGER_BYTES * kind);
  const visitTree: Code = [
    ...walk(LEAF, end(2), layout.LEAF_BYTES, visitLeaf),
    ...setLocal(FIRST_SPLIT, local(SPLIT)),
    ...walk(SPLIT, end(0), layout.SPLIT_BYTES, goDown),
    ...walk(TWIG, end(1), layout.TWIG_BYTES, visitTwig),
    ...walkBack(SPLIT, local(FIRST_SPLIT), layout.SPLIT_BYTES, comeUp),
    ...setLocal(SPLIT, end(0)),
  ];
  return [
    ...each(pairs, (pair) => {
      const [a, b] = [points[2 * pair]!, points[2 * pair + 1]!];
      return [
        ...setLocal(POINTS + pair, pairOf(a, b)),
        ...setLocal(POINTS + MOST_PAIRS + pair, pairOf(1 - a, 1 - b)),
        ...storePair(integer(areas.work), productAt(pair), pairOf(weights[2 * pair]!, weights[2 * pair + 1]!)),
      ];
    }),
    ...setLocal(SPLIT, integer(records.splits)),
    ...setLocal(TWIG, integer(records.twigs)),
    ...setLocal(LEAF, integer(records.leaves)),
    ...setLocal(TREE, integer(records.trees)),
    ...walk(TREE, integer(records.trees + records.treeCount * layout.TREE_BYTES), layout.TREE_BYTES, visitTree),
  ];
}

/** Weighs the sums of all features into `results`, f64 each, and clears them. */
export function finishProgram(sums: number, results: number, features: number): Code {
  const result = addIntegers(integer(results), local(ON));
  const body = [
    ...setLocal(REST, loadPair(local(SUM), 0)),
    ...storeDouble(result, 0, multiplyDoubles(local(WEIGHT), addDoubles(firstOf(local(REST)), secondOf(local(REST))))),
    ...storePair(local(SUM), 0, NONE),
    ...setLocal(ON, addIntegers(local(ON), integer(DOUBLE_BYTES))),
  ];
  return [
    ...setLocal(ON, integer(0)),
    ...setLocal(SUM, integer(sums)),
    ...walk(SUM, integer(sums + features * PAIR_BYTES), PAIR_BYTES, body),
  ];
}
