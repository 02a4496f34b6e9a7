/** Every command of the command line, in the order of the help. */
import { type CommandEntry } from './command.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'Run everything: data, model, service, simulated payments',
    load: () => import('./commands/up.ts'),
  },
  { name: 'generate', summary: 'Make labelled synthetic payments', load: () => import('./commands/generate.ts') },
  { name: 'train', summary: 'Train, test and register a model', load: () => import('./commands/train.ts') },
  { name: 'evaluate', summary: 'Measure a model on a file', load: () => import('./commands/evaluate.ts') },
  { name: 'compare', summary: 'Set models side by side', load: () => import('./commands/compare.ts') },
  { name: 'explain', summary: 'Say why a payment scores as it does', load: () => import('./commands/explain.ts') },
  { name: 'serve', summary: 'Run the scoring service', load: () => import('./commands/serve.ts') },
  { name: 'models', summary: 'List the registered models', load: () => import('./commands/models.ts') },
  {
    name: 'models promote',
    summary: 'Put a model in production',
    load: async () => ({ command: (await import('./commands/models-stage.ts')).promote }),
  },
  {
    name: 'models archive',
    summary: 'Take a model out of use',
    load: async () => ({ command: (await import('./commands/models-stage.ts')).archive }),
  },
  {
    name: 'features build',
    summary: 'Write the features of every payment of a data set',
    load: () => import('./commands/features-build.ts'),
  },
  { name: 'datasets', summary: 'List the data sets that can be read', load: () => import('./commands/datasets.ts') },
  {
    name: 'datasets prepare',
    summary: 'Check, clean and merge the files of a data set',
    load: () => import('./commands/datasets-prepare.ts'),
  },
  {
    name: 'bench handbook',
    summary: 'Measure quality on the Fraud Detection Handbook',
    load: () => import('./commands/bench-handbook.ts'),
  },
  {
    name: 'bench replay',
    summary: 'Measure the speed of features and score',
    load: () => import('./commands/bench-replay.ts'),
  },
  {
    name: 'verify',
    summary: 'Prove the journal: storage, chain and every decision',
    load: () => import('./commands/verify.ts'),
  },
];
