/** Isotonic calibration: the best rising step curve through a calibration period, joined by straight lines. */
import { damaged, packDoubles, readFiniteDoubles } from '../fields.ts';
import { type Calibrator, type CalibratorDocument } from './calibrator.ts';

/** `margins` ascending, `probabilities` never falling; outside the margins the ends hold. */
export function createIsotonic(margins: Float64Array, probabilities: Float64Array): Calibrator {
  const last = margins.length - 1;
  return {
    kind: 'isotonic',
    apply(margin) {
      if (margin <= margins[0]!) return probabilities[0]!;
      if (!(margin < margins[last]!)) return probabilities[last]!;
      let [low, high] = [0, last];
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (margins[middle]! <= margin) low = middle;
        else high = middle;
      }
      const share = (margin - margins[low]!) / (margins[high]! - margins[low]!);
      return probabilities[low]! + share * (probabilities[high]! - probabilities[low]!);
    },
    toDocument: () => ({
      kind: 'isotonic',
      margins: packDoubles(margins),
      probabilities: packDoubles(probabilities),
    }),
  };
}

/**
 * Pools adjacent violators over margins in ascending order; equal margins count as one point.
 * Source: Ayer et al., An empirical distribution function for sampling with incomplete information, 1955.
 */
export function fitIsotonic(margins: Float64Array, labels: Uint8Array): Calibrator {
  if (margins.length === 0) throw new RangeError('labels: need at least one row');
  const order = Uint32Array.from(margins.keys()).sort((a, b) => margins[a]! - margins[b]!);
  /** Blocks of equal probability: first and last margin, frauds, rows. */
  const blocks: { first: number; last: number; fraud: number; rows: number }[] = [];
  for (let index = 0; index < order.length;) {
    const margin = margins[order[index]!]!;
    const block = { first: margin, last: margin, fraud: 0, rows: 0 };
    for (; index < order.length && margins[order[index]!] === margin; index++, block.rows++) {
      block.fraud += labels[order[index]!]!;
    }
    blocks.push(block);
    // A block at or above its successor's rate is merged with it, and that again with the one before.
    for (let before = blocks.at(-2); before !== undefined; before = blocks.at(-2)) {
      const top = blocks.at(-1)!;
      if (before.fraud * top.rows < top.fraud * before.rows) break;
      blocks.splice(-2, 2, {
        first: before.first,
        last: top.last,
        fraud: before.fraud + top.fraud,
        rows: before.rows + top.rows,
      });
    }
  }
  const points = blocks.flatMap(({ first, last, fraud, rows }) => {
    const probability = fraud / rows;
    return first === last
      ? [[first, probability] as const]
      : ([
          [first, probability],
          [last, probability],
        ] as const);
  });
  return createIsotonic(
    Float64Array.from(points, ([margin]) => margin),
    Float64Array.from(points, ([, probability]) => probability),
  );
}

/** The calibrator of a document; throws when a field is damaged. */
export function isotonicFromDocument(document: CalibratorDocument): Calibrator {
  const margins = readFiniteDoubles(document, 'margins');
  const probabilities = readFiniteDoubles(document, 'probabilities', margins.length);
  if (margins.length === 0) throw damaged('margins', 'is empty');
  for (let index = 0; index < margins.length; index++) {
    if (index > 0 && !(margins[index]! > margins[index - 1]!)) throw damaged('margins', 'do not rise');
    const probability = probabilities[index]!;
    if (!(probability >= (probabilities[index - 1] ?? 0) && probability <= 1)) {
      throw damaged('probabilities', 'do not rise from 0 to 1');
    }
  }
  return createIsotonic(margins, probabilities);
}
