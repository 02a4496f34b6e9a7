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
  { name: 'replay', summary: 'Stream a data set to a service', load: () => import('./commands/replay.ts') },
  { name: 'label', summary: 'Say what a payment turned out to be', load: () => import('./commands/label.ts') },
  {
    name: 'verify',
    summary: 'Prove the journal: storage, chain and every decision',
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'ledger rebuild',
    summary: 'Make all tables again from the journal',
    load: () => import('./commands/ledger-rebuild.ts'),
  },
  { name: 'journal', summary: 'Show what the journal holds', load: () => import('./commands/journal.ts') },
  {
    name: 'journal export',
    summary: 'Copy sealed journal files to an archive',
    load: () => import('./commands/journal-export.ts'),
  },
  {
    name: 'journal import',
    summary: 'Put archived journal files back',
    load: () => import('./commands/journal-import.ts'),
  },
  { name: 'backup', summary: 'Save journal, keys, snapshots and models', load: () => import('./commands/backup.ts') },
  { name: 'restore', summary: 'Put a backup back', load: () => import('./commands/restore.ts') },
  { name: 'load', summary: 'Load-test a running service', load: () => import('./commands/load.ts') },
  { name: 'bench serve', summary: 'Measure the service under load', load: () => import('./commands/bench-serve.ts') },
  {
    name: 'doctor',
    summary: 'Say what is configured, reachable and wrong',
    load: () => import('./commands/doctor.ts'),
  },
];
