/** Quality on the Fraud Detection Handbook's protocols, beside the published figures. */
import { type Arrival } from '../src/domain/transaction.ts';
import { type Learner } from '../src/learners/protocol.ts';
import { type ProtocolResult, runProtocol } from '../src/training/protocol.ts';
import {
  type Fold,
  foldFrom,
  HANDBOOK_FOLDS,
  HANDBOOK_LENGTHS,
  HANDBOOK_SINGLE_FROM_MS,
  HANDBOOK_TEST_FROM_MS,
  prequentialFolds,
} from '../src/training/split.ts';
import { type TrainingTable } from '../src/training/table.ts';
import { HANDBOOK_PUBLISHED, type HandbookProtocol, type PublishedResult } from './handbook-published.ts';

/** `published`: the 15 features of the Handbook; `own`: Sentinel's catalogue. */
export type FeatureChoice = 'published' | 'own';

export const HANDBOOK_PROTOCOLS: Readonly<Record<HandbookProtocol, readonly Fold[]>> = {
  single: [foldFrom(HANDBOOK_SINGLE_FROM_MS, HANDBOOK_LENGTHS)],
  prequential: prequentialFolds(HANDBOOK_TEST_FROM_MS, HANDBOOK_FOLDS, HANDBOOK_LENGTHS),
};

/** Growing windows that the stack of all learners is weighed on. */
const STACK_FOLDS = 3;

export interface HandbookRun {
  readonly protocol: HandbookProtocol;
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

/** One table a choice of features, one run a protocol on it. */
export async function benchHandbook(options: HandbookBenchOptions): Promise<HandbookReport> {
  const { protocols, learners, seed, replicates } = options;
  const runs: HandbookRun[] = [];
  for (const features of options.features) {
    const needed = protocols.flatMap((protocol) => HANDBOOK_PROTOCOLS[protocol]);
    const fromMs = Math.min(...needed.map(({ train }) => train.fromMs));
    const toMs = Math.max(...needed.map(({ test }) => test.toMs));
    const table = await options.load(features, ({ transaction }) => {
      return transaction.eventTimeMs >= fromMs && transaction.eventTimeMs < toMs;
    });
    for (const protocol of protocols) {
      const startedMs = performance.now();
      const folds = HANDBOOK_PROTOCOLS[protocol];
      const results = options.compute(() =>
        runProtocol(table, learners, folds, {
          seed,
          replicates,
          stackFolds: learners.length > 1 ? STACK_FOLDS : 0,
          onProgress: (_, share) => options.onProgress?.(`${protocol}, ${features} features`, share),
        }),
      );
      const seconds = (performance.now() - startedMs) / 1_000;
      runs.push({ protocol, features, featureCount: table.names.length, folds, results, seconds });
    }
  }
  const published = HANDBOOK_PUBLISHED.filter(({ protocol }) => protocols.includes(protocol));
  return { runs, published };
}
