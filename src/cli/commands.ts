/** Every command of the command line, in the order of the help. */
import { type CommandEntry } from './command.ts';

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'generate', summary: 'Make labelled synthetic payments', load: () => import('./commands/generate.ts') },
  { name: 'train', summary: 'Train, test and register a model', load: () => import('./commands/train.ts') },
  { name: 'serve', summary: 'Run the scoring service', load: () => import('./commands/serve.ts') },
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
];
