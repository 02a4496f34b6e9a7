/** What threads tell each other of the splits they have found. */
import { REPORT_BYTES, REPORTS, SPLIT_FEATURE, SPLIT_SCORE } from '../job.ts';
import { threads } from './team.ts';

export function reportOf(owner: i32): usize {
  return load<usize>(REPORTS) + owner * REPORT_BYTES;
}

/** A later feature must score more, an earlier one at least as much: the first of equals wins in any order of search. */
export function isBetter(score: f64, feature: i32, split: usize): bool {
  const top = load<f64>(split + SPLIT_SCORE);
  return score > top || (score == top && feature < load<i32>(split + SPLIT_FEATURE));
}

/** The best split that all threads have at `side` of their reports; its feature is -1 when none has any. */
export function bestReport(side: usize): usize {
  let best = reportOf(0) + side;
  for (let other = 1; other < threads; other++) {
    const split = reportOf(other) + side;
    const feature = load<i32>(split + SPLIT_FEATURE);
    if (feature >= 0 && isBetter(load<f64>(split + SPLIT_SCORE), feature, best)) best = split;
  }
  return best;
}
