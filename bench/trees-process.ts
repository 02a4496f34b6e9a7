/** Trains a learner of Sentinel on the data and settings of one order, in a process of its own; see trees-rivals.py. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { boost } from '../src/trees/boost.ts';
import { growForest } from '../src/trees/forest.ts';
import { boostingParameters, forestParameters } from '../src/trees/params.ts';
import { LEARNERS } from '../src/learners/defaults.ts';
import { marginsOf } from '../src/learners/margins.ts';
import { type Columns, type Model } from '../src/learners/protocol.ts';
import { createTreeModel } from '../src/learners/tree-model.ts';
import { type TreeEnsemble } from '../src/trees/tree.ts';
import { timeRows } from './trees-timing.ts';
import { type TreeOrder } from './trees.ts';

const order = JSON.parse(process.argv[2]!) as TreeOrder; // written by trees.ts
const { features, rows, testRows, rounds, depth: maximumDepth, seed, threads } = order;

function columnsOf(name: string, count: number): Float64Array[] {
  const bytes = readFileSync(join(order.directory, name));
  return Array.from({ length: features }, (_, feature) =>
    new Float64Array(bytes.buffer, bytes.byteOffset + 8 * count * feature, count).slice(),
  );
}

function ensembleOf(columns: Float64Array[], labels: Uint8Array): TreeEnsemble {
  if (order.task === 'forest') {
    return growForest({ columns, labels }, forestParameters({ trees: rounds, maximumDepth }), seed, threads);
  }
  const { learningRate, leaves: maximumLeaves } = order;
  const growth = order.task === 'symmetric' ? 'symmetric' : 'leaf-wise';
  const rules = order.task === 'leaf-wise' ? {} : { splitsByWeight: 1, startsEven: 1 };
  const parameters = boostingParameters({ growth, rounds, learningRate, maximumLeaves, maximumDepth, ...rules });
  return boost({ columns, labels }, parameters, seed, undefined, threads);
}

const tableOf = (values: Float64Array[], count: number): Columns => ({
  names: values.map((_, feature) => `x${feature}`),
  rows: count,
  values,
});

function fit(columns: Float64Array[], labels: Uint8Array): Model {
  if (order.task === 'logistic') {
    return LEARNERS.logistic('logistic').fit({ ...tableOf(columns, rows), labels }, { seed });
  }
  return createTreeModel(order.task === 'forest' ? 'forest' : 'boosting', ensembleOf(columns, labels));
}

const columns = columnsOf('train.f64', rows);
const labels = new Uint8Array(readFileSync(join(order.directory, 'train.labels')));
const began = performance.now();
const cpuBegan = process.cpuUsage();
const model = fit(columns, labels);
const seconds = (performance.now() - began) / 1_000;
const { user, system } = process.cpuUsage(cpuBegan);
const cpuSeconds = (user + system) / 1e6;
const peakBytes = process.resourceUsage().maxRSS * 1_024;
const test = tableOf(columnsOf('test.f64', testRows), testRows);
writeFileSync(join(order.directory, 'scores.f64'), marginsOf(model, test));
const costs = timeRows(model, test);
process.stdout.write(JSON.stringify({ version: 'this checkout', seconds, cpuSeconds, peakBytes, ...costs }));
