/** Quality on the Fraud Detection Handbook's protocols, beside the published figures. */
import { type Arrival } from '../src/domain/transaction.ts';
import { type Learner } from '../src/learners/protocol.ts';
import { expandingFolds } from '../src/training/cross-validate.ts';
import { type ProtocolResult, runProtocol } from '../src/training/protocol.ts';
import { createSelector, SELECTION_FOLDS, selectFeatures } from '../src/training/select-features.ts';
import {
  type Fold,
  foldFrom,
  HANDBOOK_FOLDS,
  HANDBOOK_LENGTHS,
  HANDBOOK_SINGLE_FROM_MS,
  HANDBOOK_TEST_FROM_MS,
  HANDBOOK_VALIDATION_FROM_MS,
  prequentialFolds,
  trainedFor,
} from '../src/training/split.ts';
import { takeColumns, type TrainingTable } from '../src/training/table.ts';
import { withDerived } from './handbook-derived.ts';
import { HANDBOOK_CHOSEN } from './handbook-features.ts';
import { HANDBOOK_PUBLISHED, type HandbookProtocol, type PublishedResult } from './handbook-published.ts';

/**
 * `published`: the 15 features of the Handbook; `derived`: those and functions of them, row by row; `own`: Sentinel's
 * catalogue; `chosen`: those of it that this data informs, chosen by hand on earlier weeks; `selected`: those that
 * `train --select-features` would keep, chosen on each fold's training rows alone.
 */
export type FeatureChoice = 'published' | 'derived' | 'own' | 'chosen' | 'selected';

/** `validation`: weeks before those of the test, for whatever is to be decided. */
export type FoldChoice = 'test' | 'validation';

export const HANDBOOK_PROTOCOLS: Readonly<Record<HandbookProtocol, readonly Fold[]>> = {
  single: [foldFrom(HANDBOOK_SINGLE_FROM_MS, HANDBOOK_LENGTHS)],
  prequential: prequentialFolds(HANDBOOK_TEST_FROM_MS, HANDBOOK_FOLDS, HANDBOOK_LENGTHS),
};

/** Growing windows that the stack of all learners is weighed on. */
const STACK_FOLDS = 3;

const VALIDATION_FOLDS = prequentialFolds(HANDBOOK_VALIDATION_FROM_MS, HANDBOOK_FOLDS, HANDBOOK_LENGTHS);

export interface HandbookRun {
  readonly protocol: HandbookProtocol;
  readonly weeks: FoldChoice;
  readonly trainDays: number;
  readonly features: FeatureChoice;
  readonly featureCount: number;
  readonly folds: readonly Fold[];
  readonly results: readonly ProtocolResult[];
  readonly seconds: number;
}

export interface HandbookReport {
  readonly runs: readonly HandbookRun[];
  readonly published: readonly PublishedResult[];
}

export interface HandbookBenchOptions {
  readonly features: readonly FeatureChoice[];
  readonly protocols: readonly HandbookProtocol[];
  /** Of the prequential protocol. */
  readonly weeks: FoldChoice;
  /** Days learnt from; the test stays the same. */
  readonly trainDays: number;
  readonly learners: readonly Learner[];
  readonly seed: number;
  /** Bootstrap resamples behind each interval. */
  readonly replicates: number;
  /** The table of all payments that `keep` wants, each with all earlier ones as its history. */
  readonly load: (features: FeatureChoice, keep: (arrival: Arrival) => boolean) => Promise<TrainingTable>;
  /** Runs the fitting, which takes long and waits for nothing. */
  readonly compute: <T>(work: () => T) => T;
  /** `share` of the run's fits that are done. */
  readonly onProgress?: (run: string, share: number) => void;
}

const same = (table: TrainingTable): TrainingTable => table;
/** What is made of the table loaded; others are used as they are. */
const SHAPES: Partial<Record<FeatureChoice, (table: TrainingTable) => TrainingTable>> = {
  derived: withDerived,
  chosen: (table) => takeColumns(table, HANDBOOK_CHOSEN),
};

function selectedFrom(training: TrainingTable, seed: number): readonly string[] {
  const folds = expandingFolds(training.timesMs, SELECTION_FOLDS, 0);
  return selectFeatures(training, { learner: createSelector(), folds, seed }).kept;
}

/** One table a choice of features, one run a protocol on it. */
export async function benchHandbook(options: HandbookBenchOptions): Promise<HandbookReport> {
  const { protocols, learners, seed, replicates, weeks, trainDays } = options;
  const foldsOf = (protocol: HandbookProtocol): readonly Fold[] =>
    (weeks === 'validation' && protocol === 'prequential' ? VALIDATION_FOLDS : HANDBOOK_PROTOCOLS[protocol]).map(
      (fold) => trainedFor(fold, trainDays),
    );
  const runs: HandbookRun[] = [];
  for (const features of options.features) {
    const needed = protocols.flatMap(foldsOf);
    const fromMs = Math.min(...needed.flatMap(({ train, knownFromMs = Infinity }) => [train.fromMs, knownFromMs]));
    const toMs = Math.max(...needed.map(({ test }) => test.toMs));
    const loaded = await options.load(features, ({ transaction }) => {
      return transaction.eventTimeMs >= fromMs && transaction.eventTimeMs < toMs;
    });
    const table = (SHAPES[features] ?? same)(loaded);
    for (const protocol of protocols) {
      const startedMs = performance.now();
      const folds = foldsOf(protocol);
      const results = options.compute(() =>
        runProtocol(table, learners, folds, {
          seed,
          replicates,
          stackFolds: learners.length > 1 ? STACK_FOLDS : 0,
          ...(features === 'selected' && { select: (training: TrainingTable) => selectedFrom(training, seed) }),
          onProgress: (_, share) => options.onProgress?.(`${protocol}, ${features} features`, share),
        }),
      );
      const seconds = (performance.now() - startedMs) / 1_000;
      runs.push({ protocol, weeks, trainDays, features, featureCount: table.names.length, folds, results, seconds });
    }
  }
  const isComparable = weeks === 'test';
  const published = HANDBOOK_PUBLISHED.filter(({ protocol }) => isComparable && protocols.includes(protocol));
  return { runs, published };
}
