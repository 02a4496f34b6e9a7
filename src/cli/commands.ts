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
  { name: 'serve', summary: 'Run the scoring service', load: () => import('./commands/serve.ts') },
  {
    name: 'verify',
    summary: 'Prove the journal: storage, chain and every decision',
    load: () => import('./commands/verify.ts'),
  },
];
