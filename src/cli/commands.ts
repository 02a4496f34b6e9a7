/** Every command of the command line, in the order of the help. */
import { type CommandEntry } from './command.ts';

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'generate', summary: 'Make labelled synthetic payments', load: () => import('./commands/generate.ts') },
  { name: 'train', summary: 'Train, test and register a model', load: () => import('./commands/train.ts') },
  { name: 'serve', summary: 'Run the scoring service', load: () => import('./commands/serve.ts') },
];
