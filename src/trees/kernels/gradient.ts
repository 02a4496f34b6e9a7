/** Gradient and second derivative of the logistic loss, or of its focal form, on the exact-sum grid. */
import { CURVATURES, FOCAL_GAMMA, GRID_ROUNDER, GRID_STEP, LABELS, MARGINS, PAIRS, ROWS, SPLITS_BY_WEIGHT, WEIGHTS } from '../job.ts'; // prettier-ignore
import { exp2, log } from './elementary.ts';
import { shareBegin, shareEnd } from './team.ts';

/** Keeps log(1 − p) finite when p rounds to 1. */
const SMALLEST_PROBABILITY: f64 = 1.0 / 4503599627370496.0;
/** e to this power is a normal number, and 1 + it is 1. */
const LOWEST_EXPONENT: f64 = -700;

/** Writes the pairs of this thread's rows. */
export function differentiate(): void {
  const rows = load<u32>(ROWS);
  const margins = load<usize>(MARGINS);
  const weights = load<usize>(WEIGHTS);
  const labels = load<usize>(LABELS);
  const pairs = load<usize>(PAIRS);
  const rounder = f64x2.splat(load<f64>(GRID_ROUNDER));
  const finest = f64x2.splat(load<f64>(GRID_STEP));
  const gamma = load<f64>(FOCAL_GAMMA);
  const byWeight = load<u32>(SPLITS_BY_WEIGHT) != 0;
  const curvatures = load<usize>(CURVATURES);
  const one = f64x2.splat(1);
  // Shares begin on even rows; an odd last row is computed beside one that is not there, in room left for it.
  const end = min(rows, shareEnd((rows + 1) >> 1) << 1);
  for (let row = shareBegin((rows + 1) >> 1) << 1; row < end; row += 2) {
    const at = (<usize>row) << 3;
    const margin = v128.load(margins + at);
    const e = exp2(f64x2.pmax(f64x2.neg(f64x2.abs(margin)), f64x2.splat(LOWEST_EXPONENT)));
    const likely = f64x2.div(one, f64x2.add(one, e));
    const probability = v128.bitselect(likely, f64x2.sub(one, likely), f64x2.ge(margin, f64x2.splat(0)));
    const label = v128.load(labels + at);
    const given = v128.load(weights + at);
    let weight = given;
    if (gamma > 0) weight = f64x2.mul(weight, focalWeights(probability, label, gamma));
    const gradient = f64x2.mul(weight, f64x2.sub(probability, label));
    const curvature = f64x2.mul(f64x2.mul(weight, probability), f64x2.sub(one, probability));
    const g = f64x2.sub(f64x2.add(gradient, rounder), rounder);
    let h = f64x2.pmax(finest, f64x2.sub(f64x2.add(curvature, rounder), rounder));
    if (byWeight) {
      v128.store(curvatures + at, h);
      h = f64x2.pmax(finest, f64x2.sub(f64x2.add(given, rounder), rounder));
    }
    v128.store(pairs + (at << 1), i64x2.shuffle(g, h, 0, 2));
    v128.store(pairs + (at << 1), i64x2.shuffle(g, h, 1, 3), 16);
  }
}

/** See `focalWeight` of objective.ts, whose steps these are. */
function focalWeights(probability: v128, label: v128, gamma: f64): v128 {
  const isFraud = f64x2.gt(label, f64x2.splat(0));
  const right = v128.bitselect(probability, f64x2.sub(f64x2.splat(1), probability), isFraud);
  const smallest = f64x2.splat(SMALLEST_PROBABILITY);
  const p = f64x2.pmax(right, smallest);
  const wrong = f64x2.pmax(f64x2.sub(f64x2.splat(1), p), smallest);
  const power = exp2(f64x2.mul(f64x2.splat(gamma), logs(wrong)));
  const bent = f64x2.div(f64x2.mul(f64x2.mul(f64x2.splat(gamma), p), logs(p)), wrong);
  return f64x2.mul(power, f64x2.sub(f64x2.splat(1), bent));
}

function logs(x: v128): v128 {
  return f64x2.replace_lane(f64x2.splat(log(f64x2.extract_lane(x, 0))), 1, log(f64x2.extract_lane(x, 1)));
}
