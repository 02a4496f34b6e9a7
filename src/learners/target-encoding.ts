/** Fraud rate of a category as it was known at each row's own time, so that no row sees its own or a later label. */
import { type TrainingSet } from './protocol.ts';

export interface TargetSettings {
  /** Values of fewer training rows are treated as unknown. */
  readonly minimumRows: number;
  /** Rows of the overall fraud rate that each value's own rate is mixed with. */
  readonly priorRows: number;
}

interface Tally {
  rows: number;
  fraud: number;
}

/**
 * For each row (fraud + prior·rate) / (rows + prior) of its category over labels known by the row's time, rate being
 * the overall rate over the same labels; a label is known a millisecond after its payment at the earliest. NaN stays NaN.
 * Throws RangeError without times.
 * Source: Prokhorenkova et al., CatBoost, 2018, §3.2, with time as the permutation.
 */
export function timeOrderedTargets(training: TrainingSet, source: number, settings: TargetSettings): Float64Array {
  const { timesMs, labels } = training;
  if (timesMs === undefined || training.labelsKnownMs === undefined) {
    throw new RangeError('target statistics need timesMs and labelsKnownMs');
  }
  const labelsKnownMs = training.labelsKnownMs.map((knownMs, row) => Math.max(knownMs, timesMs[row]! + 1));
  const column = training.values[source]!;
  const byTime = ascending(timesMs);
  const byKnown = ascending(labelsKnownMs);
  const tallies = new Map<number, Tally>();
  const overall: Tally = { rows: 0, fraud: 0 };
  const targets = new Float64Array(column.length);
  let folded = 0;
  for (const row of byTime) {
    for (; folded < byKnown.length && labelsKnownMs[byKnown[folded]!]! <= timesMs[row]!; folded++) {
      const known = byKnown[folded]!;
      add(overall, labels[known]!);
      const value = column[known]!;
      if (Number.isNaN(value)) continue;
      const tally = tallies.get(value) ?? { rows: 0, fraud: 0 };
      add(tally, labels[known]!);
      tallies.set(value, tally);
    }
    targets[row] = Number.isNaN(column[row]) ? NaN : rateOf(tallies.get(column[row]!), overall, settings);
  }
  return targets;
}

function rateOf(tally: Tally | undefined, overall: Tally, { minimumRows, priorRows }: TargetSettings): number {
  const rate = overall.rows === 0 ? 0 : overall.fraud / overall.rows;
  if (tally === undefined || tally.rows < minimumRows) return rate;
  return (tally.fraud + priorRows * rate) / (tally.rows + priorRows);
}

function add(tally: Tally, label: number): void {
  tally.rows++;
  tally.fraud += label;
}

/** Row indexes by rising time; equal times in row order. */
function ascending(times: Float64Array): Uint32Array {
  return Uint32Array.from(times.keys()).sort((a, b) => times[a]! - times[b]! || a - b);
}
