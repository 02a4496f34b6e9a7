/** Fitting every learner, stacking them, and ranking what results under the serving budget. */
import { SentinelError } from '../domain/errors.ts';
import { marginsOf } from '../learners/margins.ts';
import { type Learner, type Model } from '../learners/protocol.ts';
import { createStack } from '../learners/stack.ts';
import { fitStackWeights, type StackWeights } from '../learners/stack-weights.ts';
import { averagePrecision } from '../metrics/average-precision.ts';
import { rankedCounts } from '../metrics/ranked-counts.ts';
import { rocAuc } from '../metrics/roc-auc.ts';
import { type FoldQuality, foldQualities, outOfFoldMargins, type RowFold } from './cross-validate.ts';
import { type TrainingTable } from './table.ts';

/** A learner fitted on all training rows, with its margins for rows it had not seen. */
export interface FittedMember {
  readonly name: string;
  readonly model: Model;
  /** [training rows]; NaN where no fold tests. */
  readonly outOfFold: Float64Array;
  /** How it ranked the test rows of each fold. */
  readonly folds: readonly FoldQuality[];
  /** Of the fit on all training rows; NaN without a clock. */
  readonly fitSeconds: number;
}

/** Something that could go into service. */
export interface Candidate {
  readonly name: string;
  readonly model: Model;
  readonly members: readonly string[];
  /** Of all members' fits on all training rows; NaN without a clock. */
  readonly fitSeconds: number;
  /** Out-of-fold quality of a learner by itself, one a fold; none for a stack, which is weighed on those rows. */
  readonly folds: readonly FoldQuality[];
  /** Absent for a learner by itself. */
  readonly weights?: StackWeights;
}

/** A candidate with its quality on the selection rows and its cost. */
export interface RankedCandidate extends Candidate {
  readonly averagePrecision: number;
  readonly rocAuc: number;
  /** Microseconds a payment, explanation included. */
  readonly costUs: number;
  readonly withinBudget: boolean;
}

export interface FitOptions {
  readonly seed: number;
  /** Splits of the rows; none for no margins of unseen rows. */
  readonly folds: readonly RowFold[];
  readonly validation?: TrainingTable;
  readonly clockUs?: () => number;
  /** Share of all rows to be fitted that have been, 0..1, after each fit. */
  readonly onProgress?: (fraction: number) => void;
}

/** Fits each learner on each fold's training rows, for margins of rows it had not seen, and then on all rows. */
export function fitMembers(
  learners: readonly Learner[],
  table: TrainingTable,
  { seed, folds, validation, clockUs = () => NaN, onProgress }: FitOptions,
): readonly FittedMember[] {
  const options = validation === undefined ? { seed } : { seed, validation };
  const rowsOfOne = folds.reduce((sum, { trainRows }) => sum + trainRows.length, table.rows);
  let fittedRows = 0;
  const fitted = (rows: number): void => {
    fittedRows += rows;
    onProgress?.(fittedRows / (rowsOfOne * learners.length));
  };
  return learners.map((learner) => {
    const outOfFold = outOfFoldMargins(learner, table, folds, options, fitted);
    const startedUs = clockUs();
    const model = learner.fit(table, options);
    const fitSeconds = (clockUs() - startedUs) / 1e6;
    fitted(table.rows);
    return { name: learner.name, model, outOfFold, folds: foldQualities(table.labels, outOfFold, folds), fitSeconds };
  });
}

/** The linear stack of some members, weighed on rows none of them had seen. */
export function stackOf(name: string, members: readonly FittedMember[], labels: Uint8Array): Candidate {
  const covered = Uint32Array.from(labels.keys()).filter((row) => !Number.isNaN(members[0]!.outOfFold[row]!));
  const weights = fitStackWeights(
    members.map(({ outOfFold }) => Float64Array.from(covered, (row) => outOfFold[row]!)),
    Uint8Array.from(covered, (row) => labels[row]!),
  );
  const models = members.map(({ model }) => model);
  return {
    name,
    model: createStack(models, weights.weights, weights.intercept),
    members: members.map((member) => member.name),
    fitSeconds: members.reduce((sum, { fitSeconds }) => sum + fitSeconds, 0),
    folds: [],
    weights,
  };
}

/** Each member by itself, the stack of all, and the stack of the cheapest that together fit the budget. */
export function candidatesFrom(
  members: readonly FittedMember[],
  labels: Uint8Array,
  budgetUs: number,
  measure: (model: Model) => number,
): readonly Candidate[] {
  const singles = members.map(({ name, model, folds, fitSeconds }) => ({
    name,
    model,
    members: [name],
    folds,
    fitSeconds,
  }));
  if (members.length < 2) return singles;
  const costs = new Map(members.map(({ name, model }) => [name, measure(model)]));
  let spent = 0;
  const light = members
    .toSorted((a, b) => costs.get(a.name)! - costs.get(b.name)!)
    .filter(({ name }) => (spent += costs.get(name)!) <= budgetUs);
  const stacks = [stackOf('stack', members, labels)];
  if (light.length > 1 && light.length < members.length) stacks.push(stackOf('light stack', light, labels));
  return [...singles, ...stacks];
}

/** Candidates by falling average precision on the selection rows. */
export function rankCandidates(
  candidates: readonly Candidate[],
  selection: TrainingTable,
  budgetUs: number,
  measure: (model: Model) => number,
): readonly RankedCandidate[] {
  return candidates
    .map((candidate) => {
      const counts = rankedCounts(selection.labels, marginsOf(candidate.model, selection));
      const costUs = measure(candidate.model);
      return {
        ...candidate,
        averagePrecision: averagePrecision(counts),
        rocAuc: rocAuc(counts),
        costUs,
        withinBudget: costUs <= budgetUs,
      };
    })
    .sort((a, b) => b.averagePrecision - a.averagePrecision);
}

/**
 * The best candidate within the budget, or the one named, whatever it costs. USAGE when there is none of that name
 * or every candidate is dearer.
 */
export function championOf(ranked: readonly RankedCandidate[], budgetUs: number, name?: string): RankedCandidate {
  const champion = ranked.find((candidate) => (name === undefined ? candidate.withinBudget : candidate.name === name));
  if (champion !== undefined) return champion;
  const cheapest = Math.min(...ranked.map(({ costUs }) => costUs));
  const problem =
    name === undefined
      ? `no model serves a payment in ${budgetUs} µs; the cheapest needs ${cheapest.toFixed(1)} µs`
      : `no candidate is named ${name}; there are ${ranked.map((candidate) => candidate.name).join(', ')}`;
  throw new SentinelError('USAGE', { problem });
}
