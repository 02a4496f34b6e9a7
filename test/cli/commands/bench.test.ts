import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchCalibration, CALIBRATION_METRICS, type CalibrationReport } from '../../../bench/calibration.ts';
import { type HandbookReport } from '../../../bench/handbook.ts';
import { HANDBOOK_CHOSEN } from '../../../bench/handbook-features.ts';
import { type SimulationReport } from '../../../bench/simulation.ts';
import { type TreesReport } from '../../../bench/trees.ts';
import { type LedgerBenched } from '../../../src/cli/commands/bench-ledger.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { DAY_MS } from '../../../src/domain/time.ts';
import { createEncodedLearner } from '../../../src/learners/encoded-model.ts';
import { createLogisticLearner } from '../../../src/learners/logistic.ts';
import { type Learner } from '../../../src/learners/protocol.ts';
import { createStack } from '../../../src/learners/stack.ts';
import { ran } from '../../support/command-lines.ts';
import { aDirectory } from '../../support/directories.ts';
import { aTrainingTable } from '../../support/training-tables.ts';
import { handbookCsv, handbookPayments } from '../../support/handbook-files.ts';

/** Three thousand payments over the weeks that training, delay and test of the single split need, and those before. */
function aHandbookFile(): string {
  const path = join(aDirectory(), 'payments.csv');
  writeFileSync(path, handbookCsv(handbookPayments(Date.UTC(2018, 6, 1), Date.UTC(2018, 7, 16), 3_000)));
  return path;
}

describe('bench handbook', () => {
  it('sets each learner and their stack beside the published figures, on the features asked for', async () => {
    const line = `bench handbook --data ${aHandbookFile()} --features published --protocol single --learners logistic,tree --replicates 5`;
    const { exitCode, out } = await ran(`${line} --json`, COMMANDS);
    expect(exitCode).toBe(0);
    const { runs, published } = JSON.parse(out) as HandbookReport;
    expect(runs).toMatchObject([{ protocol: 'single', features: 'published', featureCount: 15 }]);
    expect(runs[0]!.results.map(({ learner }) => learner)).toEqual(['logistic', 'tree', 'stack']);
    // Nearly all frauds are above 150, all others below 110.
    expect(runs[0]!.results[1]!.mean.averagePrecision.value).toBeGreaterThan(0.5);
    expect(published.map(({ protocol }) => protocol)).toEqual(['single', 'single', 'single', 'single']);
    const derived = await ran(`${line.replace('published', 'derived').replace('logistic,', '')} --json`, COMMANDS);
    expect((JSON.parse(derived.out) as HandbookReport).runs).toMatchObject([{ features: 'derived', featureCount: 39 }]);
  });

  it('learns from more days for the same tests, on chosen features and the weeks before the published ones', async () => {
    const path = join(aDirectory(), 'payments.csv');
    writeFileSync(path, handbookCsv(handbookPayments(Date.UTC(2018, 4, 20), Date.UTC(2018, 7, 2), 4_000)));
    const line = `bench handbook --data ${path} --features chosen --protocol prequential --weeks validation --learners tree --replicates 0 --json`;
    const run = async (days: number) => {
      const { exitCode, out } = await ran(`${line} --train-days ${days}`, COMMANDS);
      expect(exitCode).toBe(0);
      return (JSON.parse(out) as HandbookReport).runs[0]!;
    };
    const [week, month] = [await run(7), await run(28)];
    expect(week.featureCount).toBe(HANDBOOK_CHOSEN.length);
    expect(week.folds.map(({ test }) => test)).toEqual(month.folds.map(({ test }) => test));
    expect(week.folds.at(-1)!.test.toMs).toBe(Date.UTC(2018, 7, 1));
    for (const { train } of month.folds) expect(train.toMs - train.fromMs).toBe(28 * DAY_MS);
    // Customers are kept out of the test alike, whatever the training.
    expect(month.folds.map(({ knownFromMs }) => knownFromMs)).toEqual(week.folds.map(({ train }) => train.fromMs));
  });

  it('refuses a learner that is unknown or named twice', async () => {
    const line = 'bench handbook --data x.csv --learners';
    expect((await ran(`${line} oracle`, COMMANDS)).err).toContain('no learner is called oracle');
    expect((await ran(`${line} tree,tree`, COMMANDS)).err).toContain('tree is named twice');
  });
});

describe('bench calibration', () => {
  it('gives Brier, ECE and log loss before and after, each with an interval, and what calibration changed', async () => {
    const data = join(aDirectory(), 'payments.csv');
    await ran(`generate --rows 3000 --users 150 --fraud-share 0.15 --seed 3 --out ${data}`, COMMANDS);
    const line = `bench calibration --data ${data} --learners balanced-bagging --replicates 20`;
    const { exitCode, out, err } = await ran(`${line} --json`, COMMANDS);
    expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
    const { results, testedOn } = JSON.parse(out) as CalibrationReport;
    expect(testedOn.frauds).toBeGreaterThan(0);
    const [{ measured, change }] = results as [CalibrationReport['results'][number]];
    for (const name of CALIBRATION_METRICS) {
      for (const state of ['before', 'platt', 'isotonic'] as const) {
        const { value, low, high } = measured[state][name];
        expect(low).toBeLessThanOrEqual(high);
        expect(value).toBeGreaterThan(0);
      }
      expect(change.platt[name].value).toBeCloseTo(measured.platt[name].value - measured.before[name].value, 12);
    }
  });

  it('shows that calibration takes back what a boastful learner states', () => {
    const honest = createEncodedLearner(createLogisticLearner('logistic'), { encodings: ['one-hot'] });
    const boastful: Learner = {
      name: 'boastful',
      fit: (training, options) => createStack([honest.fit(training, options)], [4], 0),
    };
    const table = aTrainingTable({ rows: 8_000, intercept: -2 });
    const [result] = benchCalibration({ data: 'made up', table, learners: [boastful], labelDelayMs: DAY_MS, seed: 1, replicates: 60 }).results; // prettier-ignore
    for (const after of ['platt', 'isotonic'] as const) {
      expect(result!.change[after].brier.high).toBeLessThan(0);
      expect(result!.change[after].calibrationError.high).toBeLessThan(0);
    }
    expect(result!.change.platt.logLoss.high).toBeLessThan(0);
  });
});

describe('bench replay', () => {
  it('gives payments a second and bytes an entity for each number of users', async () => {
    const line = `bench replay --users 50,100 --payments-per-user 3 --models-dir ${aDirectory()} --json`;
    const { exitCode, out } = await ran(line, COMMANDS);
    expect(exitCode).toBe(0);
    const { runs, modelVersion } = JSON.parse(out) as {
      readonly modelVersion: null;
      readonly runs: readonly { readonly featuresPerSecond: number; readonly bytesPerEntity: number }[];
    };
    expect(modelVersion).toBeNull();
    expect(runs).toMatchObject([{ users: 50, payments: 150 }, { users: 100, payments: 300 }]); // prettier-ignore
    for (const { featuresPerSecond, bytesPerEntity } of runs) {
      expect(featuresPerSecond).toBeGreaterThan(0);
      expect(bytesPerEntity).toBeGreaterThan(0);
    }
    expect((await ran('bench replay --users many', COMMANDS)).exitCode).toBe(2);
    for (const line of ['replay --users 1e12', 'simulation --rows 1e12', 'calibration --rows 1e12']) {
      const { exitCode, err } = await ran(`bench ${line}`, COMMANDS);
      expect(exitCode, line).toBe(2);
      expect(err, line).toMatch(/expected .* to [12]0000000, got/);
    }
  });
});

describe('bench simulation', () => {
  it('rates the system beside a tree on raw columns, and catches less of a campaign it never saw', async () => {
    const line = 'bench simulation --rows 12000 --hold-out card_testing --replicates 5 --seed 3';
    const { exitCode, out } = await ran(`${line} --json`, COMMANDS);
    expect(exitCode).toBe(0);
    const { system, rawTree, heldOut, testedOn, model } = JSON.parse(out) as SimulationReport;
    expect(model).toBe('symmetric');
    expect(testedOn.payments).toBe(1_800);
    expect(system.rocAuc.value).toBeGreaterThan(0.8);
    expect(system.averagePrecision.value).toBeGreaterThan(2 * rawTree.averagePrecision.value);
    expect(system.rocAuc.low).toBeLessThan(system.rocAuc.value);
    expect(heldOut).toMatchObject([{ campaign: 'card_testing' }]);
    expect(heldOut[0]!.testFrauds).toBeGreaterThan(5);
    expect(heldOut[0]!.unseen).toBeLessThanOrEqual(heldOut[0]!.seen);
    const none = await ran(`${line.replace('card_testing', 'heist')}`, COMMANDS);
    expect(none.err).toContain('no campaign is called heist; known are stolen_card');
  });
});

describe('bench trees', () => {
  it('trains each kind of tree on each seed and rates it on rows it has not seen', async () => {
    const { exitCode, out } = await ran('bench trees --rows 8000 --features 12 --rounds 8 --seeds 2 --json', COMMANDS);
    expect(exitCode).toBe(0);
    const { tasks } = JSON.parse(out) as TreesReport;
    expect(tasks.map(({ task }) => task)).toEqual([
      'leaf-wise',
      'leaf-wise-by-weight',
      'symmetric',
      'forest',
      'logistic',
    ]);
    for (const { engines } of tasks) {
      expect(engines).toMatchObject([{ engine: 'sentinel', version: 'this checkout' }]);
      expect(engines[0]!.auc).toBeGreaterThan(0.6);
      expect(engines[0]!.seconds).toBeGreaterThan(0);
      expect(engines[0]!.peakBytes).toBeGreaterThan(0);
    }
    expect((await ran('bench trees --tasks bushes', COMMANDS)).exitCode).toBe(2);
  });
});

describe('train on the Handbook’s protocol', () => {
  it('learns from its week, tests on its week, and decides the rest on the weeks before', async () => {
    const models = aDirectory();
    const line = `train --data ${aHandbookFile()} --mapping handbook --protocol handbook --learners tree --replicates 0 --models-dir ${models} --json`;
    const { exitCode, out } = await ran(line, COMMANDS);
    expect(exitCode).toBe(0);
    const { card } = JSON.parse(out) as {
      card: { catalogue: { name: string }; periods: { name: string; fromMs: number; toMs: number }[] };
    };
    expect(card.catalogue.name).toBe('handbook');
    const weeks = Object.fromEntries(
      card.periods.map(({ name, fromMs }) => [name, new Date(fromMs).toISOString().slice(0, 10)]),
    );
    expect(weeks).toEqual({
      earlyStopping: '2018-07-04',
      calibration: '2018-07-11',
      policy: '2018-07-18',
      train: '2018-07-25',
      test: '2018-08-08',
    });
    const other = await ran(line.replace('--mapping handbook', '--mapping sentinel'), COMMANDS);
    expect(other.exitCode).toBe(2);
  });
});

describe('bench ledger', () => {
  it('asks the embedded ledger everything about made-up decisions', async () => {
    const { out } = await ran('bench ledger --rows 2000 --keys 3 --json', COMMANDS);
    const { engine, decisions, fill, questions } = JSON.parse(out) as LedgerBenched;
    expect({ engine, decisions }).toEqual({ engine: 'PGlite', decisions: 2_000 });
    expect(fill!.recordsPerSecond).toBeGreaterThan(0);
    for (const { asked, first, again, sequentialScans } of questions) {
      expect({ asked, sequentialScans }).toEqual({ asked: 3, sequentialScans: [] });
      expect(Math.min(first.p50Ms, again.p50Ms)).toBeGreaterThan(0);
    }
    expect(Math.max(...questions.map(({ pages }) => pages))).toBeGreaterThan(10);
  }, 60_000);

  it('restarts a server, not the embedded ledger', async () => {
    const { exitCode, err } = await ran('bench ledger --rows 2000 --restart true', COMMANDS);
    expect(exitCode).toBe(2);
    expect(err).toContain('--restart is for the server that --server measures');
  });

  it('reads the address of a server, which may hold a password, from the settings and not from the command line', async () => {
    const flag = await ran('bench ledger --rows 2000 --database-url postgresql://u:s3cret@127.0.0.1:1/x', COMMANDS);
    expect(flag.exitCode).toBe(2);
    const none = await ran('bench ledger --rows 2000 --server', COMMANDS);
    expect(none).toMatchObject({ exitCode: 2 });
    expect(none.err).toContain('--server: name the PostgreSQL server by DATABASE_URL or DB_HOST');
    const environment = { DATABASE_URL: 'postgresql://u:s3cret@127.0.0.1:1/x' };
    const away = await ran('bench ledger --rows 2000 --server', COMMANDS, { environment });
    expect(away.exitCode).toBe(1);
    expect(away.err).toContain('127.0.0.1:1');
    expect(away.err).not.toContain('s3cret');
  });
});
