import { loadTable, settingsOf } from './src/cli/training-data.ts';
import { HANDBOOK_MAPPING } from './src/datasets/mappings/handbook.ts';
import { HANDBOOK_CHOSEN } from './bench/handbook-features.ts';
import { takeColumns, takeRows } from './src/training/table.ts';
import { HANDBOOK_VALIDATION_FROM_MS, HANDBOOK_LENGTHS, prequentialFolds, rowsIn, testRowsWithoutKnownFrauds } from './src/training/split.ts';
import { createBoostingLearner } from './src/learners/boosting.ts';
import { createLearner } from './src/learners/defaults.ts';
import { marginsOf } from './src/learners/margins.ts';
import { averagePrecision } from './src/metrics/average-precision.ts';
import { rankedCounts } from './src/metrics/ranked-counts.ts';
import { rocAuc } from './src/metrics/roc-auc.ts';
const folds = prequentialFolds(HANDBOOK_VALIDATION_FROM_MS, 4, HANDBOOK_LENGTHS);
const from = Math.min(...folds.map((f) => f.train.fromMs)), to = Math.max(...folds.map((f) => f.test.toMs));
const input: any = { progress: () => ({ update() {}, finish() {} }), signal: new AbortController().signal };
const { table: all } = await loadTable(input, HANDBOOK_MAPPING, ['/work/shared/data/handbook/transactions.csv.gz'], settingsOf(HANDBOOK_MAPPING, 'sentinel'), { keep: ({ transaction: t }) => t.eventTimeMs >= from && t.eventTimeMs < to });
const table = takeColumns(all, HANDBOOK_CHOSEN);
const out: Record<string, number[][]> = {};
for (const fold of folds) {
  const training = takeRows(table, rowsIn(table.timesMs, fold.train));
  const test = takeRows(table, testRowsWithoutKnownFrauds(table, fold));
  const cut = fold.train.fromMs + ((fold.train.toMs - fold.train.fromMs) * 7) / 8;
  const early = takeRows(table, rowsIn(table.timesMs, { fromMs: fold.train.fromMs, toMs: cut }));
  const late = takeRows(table, rowsIn(table.timesMs, { fromMs: cut, toMs: fold.train.toMs }));
  const score = (name: string, model: any) => { const c = rankedCounts(test.labels, marginsOf(model, test)); (out[name] ??= []).push([averagePrecision(c), rocAuc(c)]); };
  for (const name of ['logistic', 'leaf-wise', 'symmetric'] as const) {
    score(`${name} 7/8`, createLearner(name).fit(early, { seed: 1 }));
    score(`${name} all`, createLearner(name).fit(training, { seed: 1 }));
  }
  for (const growth of ['leaf-wise', 'symmetric'] as const) {
    const common = { growth, learningRate: 0.05, ...(growth === 'symmetric' ? { maximumDepth: 6 } : {}) } as const;
    const stopped: any = createBoostingLearner('s', { ...common, rounds: 600, patience: 30 }).fit(early, { seed: 1, validation: late });
    score(`${growth} stopped 7/8`, stopped);
    const rounds = stopped.ensemble.trees?.length || stopped.ensemble.symmetric.length;
    const again: any = createBoostingLearner('s', { ...common, rounds }).fit(training, { seed: 1 });
    score(`${growth} refit all same rounds`, again);
    console.log(growth, rounds);
  }
}
for (const [name, v] of Object.entries(out)) console.log(name.padEnd(34), 'AP', (v.reduce((s, x) => s + x[0]!, 0) / v.length).toFixed(4), 'AUC', (v.reduce((s, x) => s + x[1]!, 0) / v.length).toFixed(4), v.map((x) => x[0]!.toFixed(3)).join(' '));
