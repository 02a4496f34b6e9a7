/** sentinel engines: the native libraries to train with, listed, added and removed. */
import { join } from 'node:path';
import { addEngine, type Engine, ENGINE_NAMES, type EngineName, findEngine, removeEngine } from '../../adapters/python/engines.ts'; // prettier-ignore
import { SentinelError } from '../../domain/errors.ts';
import { type Argument, type Command } from '../command.ts';
import { DATA } from '../data-directory.ts';

const NAMES: Argument = {
  name: 'engines',
  required: true,
  many: true,
  sentence: `Which of ${ENGINE_NAMES.join(', ')}.`,
};

function named(names: readonly string[]): readonly EngineName[] {
  return names.map((name) => {
    const known = ENGINE_NAMES.find((engine) => engine === name);
    if (known !== undefined) return known;
    throw new SentinelError('USAGE', { problem: `no engine is called ${name}; known are ${ENGINE_NAMES.join(', ')}` });
  });
}

function describe({ name, directory, versions }: Engine): string {
  if (versions === undefined) return `${name.padEnd(9)} not installed`;
  const packages = Object.entries(versions).map(([library, version]) => `${library} ${version}`);
  return `${name.padEnd(9)} ${packages.join(', ')} in ${directory}; train with --learners ${name}-native`;
}

const render = (engines: readonly Engine[]): string => engines.map(describe).join('\n');

export const list: Command<readonly Engine[]> = {
  settings: ['dataDir'],
  example: 'sentinel engines',
  run: ({ config }) =>
    Promise.resolve(ENGINE_NAMES.map((name) => findEngine(join(config().dataDir, DATA.engines), name))),
  render,
};

export const add: Command<readonly Engine[]> = {
  arguments: [NAMES],
  options: [
    { name: 'python', type: 'text', value: 'PROGRAM', default: 'python3', sentence: 'The interpreter to make environments with; 3.9 or newer, with venv.' },
  ], // prettier-ignore
  settings: ['dataDir'],
  example: 'sentinel engines add xgboost lightgbm',
  async run({ given, config, signal, progress }) {
    const root = join(config().dataDir, DATA.engines);
    const wanted = named(given.texts('engines'));
    const bar = progress('install', wanted.length, 'engines');
    const added: Engine[] = [];
    for (const name of wanted) {
      added.push(await addEngine(root, name, { python: given.text('python'), signal }));
      bar.update(added.length);
    }
    bar.finish();
    return added;
  },
  render,
};

interface Removed {
  readonly name: EngineName;
  readonly existed: boolean;
}

export const remove: Command<readonly Removed[]> = {
  arguments: [NAMES],
  settings: ['dataDir'],
  example: 'sentinel engines remove xgboost',
  async run({ given, config }) {
    const removed: Removed[] = [];
    for (const name of named(given.texts('engines'))) {
      removed.push({ name, existed: await removeEngine(join(config().dataDir, DATA.engines), name) });
    }
    return removed;
  },
  render: (removed) =>
    removed.map(({ name, existed }) => `${name} ${existed ? 'removed' : 'was not there'}`).join('\n'),
};
