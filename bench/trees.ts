/** Training of trees, and of a logistic regression, beside the native libraries: same data, same threads, turn by turn in one run. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { averagePrecision } from '../src/metrics/average-precision.ts';
import { type Interval, percentileInterval } from '../src/metrics/bootstrap.ts';
import { createRankedCounter } from '../src/metrics/ranked-counts.ts';
import { rocAuc } from '../src/metrics/roc-auc.ts';
import { createRandom } from '../src/stats/random.ts';
import { median } from './median.ts';
import { familyCpuSeconds, machineCpuSeconds } from './process-figures.ts';
import { aPaymentTable } from './trees-data.ts';
import { type ThreadFigures } from './trees-threads.ts';
import { type RowCosts } from './trees-timing.ts';

/**
 * CatBoost begins at even odds and scores splits by the weight of rows, the others begin at the frauds' share and score by second
 * derivatives: each is met on its own ground.
 */
export const TREE_TASKS = {
  'leaf-wise': { rivals: ['xgboost', 'lightgbm', 'sklearn'], depth: 12 },
  'leaf-wise-by-weight': { rivals: ['catboost'], depth: 12 },
  symmetric: { rivals: ['catboost'], depth: 6 },
  forest: { rivals: ['sklearn'], depth: 12 },
  logistic: { rivals: ['sklearn'], depth: 0 },
} as const;
export type TreeTask = keyof typeof TREE_TASKS;

/** One training by one engine. */
export interface TreeOrder {
  readonly engine: string;
  readonly task: TreeTask;
  readonly directory: string;
  readonly rows: number;
  readonly testRows: number;
  readonly features: number;
  readonly rounds: number;
  readonly leaves: number;
  readonly depth: number;
  readonly learningRate: number;
  readonly threads: number;
  readonly seed: number;
}

export interface TreesOptions {
  readonly tasks: readonly TreeTask[];
  /** Python with the rivals installed; without it Sentinel runs alone. */
  readonly python: string | undefined;
  readonly rows: number;
  readonly features: number;
  readonly rounds: number;
  readonly threads: number;
  readonly seeds: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

interface Fit extends RowCosts {
  readonly version: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly auc: number;
  readonly averagePrecision: number;
}

/** Costs of a row are medians over seeds. */
export interface EngineFigures extends RowCosts {
  readonly engine: string;
  readonly version: string;
  /** Median over seeds, from columns in memory to the finished model, binning included. */
  readonly seconds: number;
  /** Processor time of all threads in that while; median over seeds. */
  readonly cpuSeconds: number;
  /** Most that the process ever held, the data included; median over seeds. */
  readonly peakBytes: number;
  readonly auc: number;
  readonly averagePrecision: number;
  /**
   * Sentinel beside this rival, seed by seed, with 95 % intervals by resampling the seeds: the median ratio, because a
   * slow moment of the machine can spoil a time but not a score, and mean gains.
   */
  readonly beside?: {
    /** Sentinel's time divided by the rival's. */
    readonly timeRatio: Estimate;
    /** Sentinel's less the rival's. */
    readonly aucGain: Estimate;
    readonly averagePrecisionGain: Estimate;
    /** The rival's time to score, and to explain, a row of a table divided by Sentinel's. */
    readonly scoreTimes: number | null;
    readonly explainTimes: number | null;
  };
}

export interface Estimate extends Interval {
  readonly value: number;
}

export interface TreesReport {
  readonly node: string;
  readonly processor: string;
  readonly threads: number;
  readonly rows: number;
  readonly features: number;
  readonly rounds: number;
  readonly seeds: number;
  /** Processors that everything else on the machine kept busy on average: above a few hundredths, times are not to be trusted. */
  readonly othersBusy: number;
  readonly tasks: readonly { readonly task: TreeTask; readonly engines: readonly EngineFigures[] }[];
  readonly threadSizes?: readonly ThreadFigures[];
}

const LEAVES = 31;
const LEARNING_RATE = 0.1;
/** Test rows for each training row. */
const TEST_SHARE = 0.4;
const RESAMPLES = 2_000;
const CONFIDENCE = 0.95;

const run = promisify(execFile);
/** Sources need their loader in a process of their own too. */
const LOADER = extname(import.meta.url) === '.ts' ? ['--import', 'tsx'] : [];

/** Runs the engine of an order in a process of its own, and rates its scores of the test rows. */
async function train(order: TreeOrder, testLabels: Uint8Array, options: TreesOptions): Promise<Fit> {
  const isOwn = order.engine === 'sentinel';
  const entry = fileURLToPath(
    new URL(isOwn ? `./trees-process${extname(import.meta.url)}` : './trees-rivals.py', import.meta.url),
  );
  const [program, before] = isOwn ? [process.execPath, LOADER] : [options.python!, []];
  const environment = { ...process.env, OMP_NUM_THREADS: String(order.threads) };
  const { stdout } = await run(program, [...before, entry, JSON.stringify(order)], {
    env: environment,
    signal: options.signal,
  });
  const bytes = readFileSync(join(order.directory, 'scores.f64'));
  const scores = Float64Array.from({ length: order.testRows }, (_, row) => bytes.readDoubleLE(8 * row));
  const counts = createRankedCounter(testLabels, scores)();
  const measured = JSON.parse(stdout.trim().split('\n').at(-1)!) as Omit<Fit, 'auc' | 'averagePrecision'>; // as both programs print it
  return { ...measured, auc: rocAuc(counts), averagePrecision: averagePrecision(counts) };
}

/** Trains every engine on each seed's data, one after the other, so that a slow moment of the machine meets them all. */
export async function benchTrees(options: TreesOptions): Promise<TreesReport> {
  const directory = mkdtempSync(join(tmpdir(), 'sentinel-trees-'));
  const { rows, features, rounds, threads, seeds, tasks, python } = options;
  const testRows = Math.ceil(TEST_SHARE * rows);
  const enginesOf = (task: TreeTask) => ['sentinel', ...(python === undefined ? [] : TREE_TASKS[task].rivals)];
  const fits = new Map(tasks.map((task) => [task, enginesOf(task).map((): Fit[] => [])]));
  const total = seeds * tasks.reduce((sum, task) => sum + enginesOf(task).length, 0);
  let done = 0;
  const before = usage();
  try {
    for (let seed = 1; seed <= seeds; seed++) {
      const { columns, labels } = aPaymentTable(rows + testRows, features, seed);
      const write = (name: string, from: number, to: number): void =>
        writeFileSync(join(directory, name), Buffer.concat(columns.map((column) => Buffer.from(column.slice(from, to).buffer)))); // prettier-ignore
      write('train.f64', 0, rows);
      write('test.f64', rows, rows + testRows);
      writeFileSync(join(directory, 'train.labels'), labels.slice(0, rows));
      for (const task of tasks) {
        for (const [place, engine] of enginesOf(task).entries()) {
          const { depth } = TREE_TASKS[task];
          const sizes = { directory, rows, testRows, features, rounds, leaves: LEAVES, depth };
          const order = { engine, task, ...sizes, learningRate: LEARNING_RATE, threads, seed };
          fits.get(task)![place]!.push(await train(order, labels.slice(rows), options));
          options.onProgress(++done, total);
        }
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return {
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    threads,
    rows,
    features,
    rounds,
    seeds,
    othersBusy: othersBusy(before, usage()),
    tasks: tasks.map((task) => ({
      task,
      engines: enginesOf(task).map((engine, place) =>
        figuresOf(engine, fits.get(task)![place]!, place === 0 ? undefined : fits.get(task)![0]!),
      ),
    })),
  };
}

interface Usage {
  readonly ms: number;
  readonly machineCpuSeconds: number;
  readonly ownCpuSeconds: number;
}

/** Of the machine, and of this process and those it has started and seen end. */
function usage(): Usage {
  return { ms: performance.now(), machineCpuSeconds: machineCpuSeconds(), ownCpuSeconds: familyCpuSeconds() };
}

const othersBusy = (before: Usage, after: Usage): number =>
  Math.max(0, after.machineCpuSeconds - before.machineCpuSeconds - (after.ownCpuSeconds - before.ownCpuSeconds)) /
  ((after.ms - before.ms) / 1_000);

function figuresOf(engine: string, fits: readonly Fit[], own: readonly Fit[] | undefined): EngineFigures {
  return {
    engine,
    version: fits[0]!.version,
    seconds: median(fits.map(({ seconds }) => seconds)),
    cpuSeconds: median(fits.map(({ cpuSeconds }) => cpuSeconds)),
    peakBytes: median(fits.map(({ peakBytes }) => peakBytes)),
    auc: mean(fits.map(({ auc }) => auc)),
    averagePrecision: mean(fits.map((fit) => fit.averagePrecision)),
    scoreRowUs: medianCost(fits, 'scoreRowUs'),
    scoreBatchUs: medianCost(fits, 'scoreBatchUs'),
    explainRowUs: medianCost(fits, 'explainRowUs'),
    explainBatchUs: medianCost(fits, 'explainBatchUs'),
    ...(own !== undefined && {
      beside: {
        timeRatio: estimate(
          fits.map(({ seconds }, seed) => own[seed]!.seconds / seconds),
          median,
        ),
        aucGain: estimate(
          fits.map(({ auc }, seed) => own[seed]!.auc - auc),
          mean,
        ),
        averagePrecisionGain: estimate(
          fits.map((fit, seed) => own[seed]!.averagePrecision - fit.averagePrecision),
          mean,
        ),
        scoreTimes: timesAsLong(fits, own, 'scoreBatchUs'),
        explainTimes: timesAsLong(fits, own, 'explainBatchUs'),
      },
    }),
  };
}

function medianCost(fits: readonly Fit[], cost: keyof RowCosts): number | null {
  const costs = fits.flatMap((fit) => fit[cost] ?? []);
  return costs.length === 0 ? null : median(costs);
}

function timesAsLong(fits: readonly Fit[], own: readonly Fit[], cost: keyof RowCosts): number | null {
  const [theirs, ours] = [medianCost(fits, cost), medianCost(own, cost)];
  return theirs === null || ours === null ? null : theirs / ours;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function estimate(values: readonly number[], centre: (values: readonly number[]) => number): Estimate {
  const random = createRandom(1);
  const means = Array.from({ length: RESAMPLES }, () =>
    centre(values.map(() => values[random.integer(values.length)]!)),
  );
  return { value: centre(values), ...percentileInterval(means, CONFIDENCE) };
}
