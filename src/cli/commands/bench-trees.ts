/** sentinel bench trees: training time, memory and quality of the tree engine beside the native libraries. */
import { benchTrees, TREE_TASKS, type TreesReport, type TreeTask } from '../../../bench/trees.ts';
import { benchThreads } from '../../../bench/trees-threads.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Command } from '../command.ts';
import { renderTrees } from '../render-trees.ts';
import { whileComputing } from '../while-computing.ts';

const TASKS = Object.keys(TREE_TASKS) as TreeTask[];

function tasksOf(text: string): readonly TreeTask[] {
  return text.split(',').map((word) => {
    const task = TASKS.find((known) => known === word);
    if (task !== undefined) return task;
    throw new SentinelError('USAGE', { problem: `--tasks: no task is called ${word}; there are ${TASKS.join(', ')}` });
  });
}

export const command: Command<TreesReport> = {
  options: [
    { name: 'tasks', type: 'text', value: 'NAMES', default: TASKS.join(','), sentence: `What to train, separated by commas, of ${TASKS.join(', ')}.` },
    { name: 'python', type: 'text', value: 'FILE', sentence: 'A Python with xgboost, lightgbm, catboost and scikit-learn to compare with. (default: Sentinel alone)' },
    { name: 'rows', type: 'whole number', value: 'N', default: 150_000, minimum: 100, maximum: 5_000_000, sentence: 'Training rows; four tenths as many are tested on.' },
    { name: 'features', type: 'whole number', value: 'N', default: 40, minimum: 8, maximum: 1_000, sentence: 'Columns.' },
    { name: 'rounds', type: 'whole number', value: 'N', default: 200, minimum: 1, maximum: 10_000, sentence: 'Rounds of boosting, or trees of the forest.' },
    { name: 'threads', type: 'whole number', value: 'N', default: 2, minimum: 1, maximum: 32, sentence: 'Threads for everyone.' },
    { name: 'seeds', type: 'whole number', value: 'N', default: 10, minimum: 1, maximum: 100, sentence: 'Data sets, each trained on by every engine in turn.' },
    { name: 'thread-sizes', type: 'flag', sentence: 'Also time fits of rising size on one thread and on several.' },
  ], // prettier-ignore
  example: 'sentinel bench trees --tasks leaf-wise --seeds 3',
  async run({ given, progress, signal }) {
    const tasks = tasksOf(given.text('tasks'));
    const threads = given.number('threads');
    const bar = progress('training', 100, '% of the fits');
    const report = await benchTrees({
      tasks,
      python: given.optionalText('python'),
      rows: given.number('rows'),
      features: given.number('features'),
      rounds: given.number('rounds'),
      threads,
      seeds: given.number('seeds'),
      signal,
      onProgress: (done, total) => bar.update(Math.floor((100 * done) / total)),
    });
    bar.finish();
    if (!given.flag('thread-sizes')) return report;
    const sizes = progress('threads', 100, '% of the sizes');
    const threadSizes = whileComputing(() => benchThreads(threads, (share) => sizes.update(Math.floor(100 * share))));
    sizes.finish();
    return { ...report, threadSizes };
  },
  render: renderTrees,
};
