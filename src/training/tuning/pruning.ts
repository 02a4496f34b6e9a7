/** Stopping trials early that do worse than others did at the same step. */
import { quantile } from '../../stats/quantile.ts';

/** Values after each step, larger better: entry i is the running mean after step i + 1. */
export type Steps = readonly number[];

export const PRUNINGS = ['median', 'halving', 'none'] as const;
export type Pruning = (typeof PRUNINGS)[number];

/** Trials that must have reached a step before another is measured against them. */
const LEAST_TRIALS = 4;
/** One trial in so many goes on beyond a rung. Source: L. Li et al., 2020 (ASHA), η = 3 or 4. */
const HALVING_FACTOR = 3;

type Rule = (steps: Steps, others: readonly Steps[]) => boolean;

const at = (others: readonly Steps[], step: number): number[] =>
  others.flatMap((steps) => (steps[step] === undefined ? [] : [steps[step]]));

const RULES: Readonly<Record<Pruning, Rule>> = {
  none: () => false,
  /** Below the median of the others after the same step. Source: D. Golovin et al., Google Vizier, 2017, section 3.2. */
  median(steps, others) {
    const reached = at(others, steps.length - 1).sort((a, b) => a - b);
    return reached.length >= LEAST_TRIALS && steps.at(-1)! < quantile(reached, 0.5);
  },
  /** Not among the best third of all that reached a rung; rungs are after steps 1, 3, 9, … Source: as HALVING_FACTOR. */
  halving(steps, others) {
    let rung = 1;
    while (rung < steps.length) rung *= HALVING_FACTOR;
    if (rung !== steps.length) return false;
    const reached = [...at(others, steps.length - 1), steps.at(-1)!].sort((a, b) => b - a);
    if (reached.length <= LEAST_TRIALS) return false;
    return steps.at(-1)! < reached[Math.ceil(reached.length / HALVING_FACTOR) - 1]!;
  },
};

/** Whether a trial that has come as far as `steps` is to be given up, by the steps of all others so far. */
export function shouldPrune(pruning: Pruning, steps: Steps, others: readonly Steps[]): boolean {
  return steps.length > 0 && RULES[pruning](steps, others);
}
