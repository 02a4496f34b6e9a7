/** Every command of the command line, in the order of the help. */
import { type CommandEntry } from './command.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'Run everything: data, model, service, simulated payments',
    load: () => import('./commands/up.ts'),
  },
  { name: 'generate', summary: 'Make labelled synthetic payments', load: () => import('./commands/generate.ts') },
  {
    name: 'generate ieee-cis',
    summary: 'Make files of the shape of IEEE-CIS',
    load: () => import('./commands/generate-ieee-cis.ts'),
  },
  {
    name: 'explore',
    summary: 'Look a data set over: one page of what is in it',
    load: () => import('./commands/explore.ts'),
  },
  { name: 'train', summary: 'Train, test and register a model', load: () => import('./commands/train.ts') },
  { name: 'tune', summary: 'Search for the best settings of a learner', load: () => import('./commands/tune.ts') },
  { name: 'evaluate', summary: 'Measure a model on a file', load: () => import('./commands/evaluate.ts') },
  { name: 'compare', summary: 'Set models side by side', load: () => import('./commands/compare.ts') },
  {
    name: 'ab',
    summary: 'Try a model or a policy on history, users split between the two',
    load: () => import('./commands/ab.ts'),
  },
  { name: 'explain', summary: 'Say why a payment scores as it does', load: () => import('./commands/explain.ts') },
  { name: 'serve', summary: 'Run the scoring service', load: () => import('./commands/serve.ts') },
  { name: 'work', summary: 'Decide payments that come as messages', load: () => import('./commands/work.ts') },
  { name: 'dlq', summary: 'List the messages that could not be handled', load: () => import('./commands/dlq.ts') },
  {
    name: 'dlq replay',
    summary: 'Send messages that could not be handled again',
    load: () => import('./commands/dlq-replay.ts'),
  },
  { name: 'replay', summary: 'Stream a data set to a service', load: () => import('./commands/replay.ts') },
  { name: 'label', summary: 'Say what a payment turned out to be', load: () => import('./commands/label.ts') },
  {
    name: 'import',
    summary: 'Register a model that was trained elsewhere',
    load: () => import('./commands/import.ts'),
  },
  {
    name: 'engines',
    summary: 'List the native libraries to train with',
    load: async () => ({ command: (await import('./commands/engines.ts')).list }),
  },
  {
    name: 'engines add',
    summary: 'Install native libraries, each in an environment of its own',
    load: async () => ({ command: (await import('./commands/engines.ts')).add }),
  },
  {
    name: 'engines remove',
    summary: 'Delete the environments of native libraries',
    load: async () => ({ command: (await import('./commands/engines.ts')).remove }),
  },
  { name: 'export', summary: 'Write a model for another runtime', load: () => import('./commands/export.ts') },
  { name: 'models', summary: 'List the registered models', load: () => import('./commands/models.ts') },
  {
    name: 'models promote',
    summary: 'Put a model in production',
    load: async () => ({ command: (await import('./commands/models-stage.ts')).promote }),
  },
  {
    name: 'models stage',
    summary: 'Make a model the challenger',
    load: async () => ({ command: (await import('./commands/models-stage.ts')).challenge }),
  },
  {
    name: 'models archive',
    summary: 'Take a model out of use',
    load: async () => ({ command: (await import('./commands/models-stage.ts')).archive }),
  },
  { name: 'runs', summary: 'List the training runs', load: () => import('./commands/runs.ts') },
  { name: 'runs show', summary: 'Show a training run in full', load: () => import('./commands/runs-show.ts') },
  {
    name: 'runs sync',
    summary: 'Bring runs and stages here and on the MLflow server together',
    load: () => import('./commands/runs-sync.ts'),
  },
  {
    name: 'features build',
    summary: 'Write the features of every payment of a data set',
    load: () => import('./commands/features-build.ts'),
  },
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
  {
    name: 'ledger prune',
    summary: 'Drop old months from the tables',
    load: () => import('./commands/ledger-prune.ts'),
  },
  { name: 'datasets', summary: 'List the data sets that can be read', load: () => import('./commands/datasets.ts') },
  {
    name: 'datasets prepare',
    summary: 'Check, clean and merge the files of a data set',
    load: () => import('./commands/datasets-prepare.ts'),
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
  {
    name: 'pipeline run',
    summary: 'Run the phases of submission.yml, from data to production',
    load: () => import('./commands/pipeline-run.ts'),
  },
  { name: 'load', summary: 'Load-test a running service', load: () => import('./commands/load.ts') },
  {
    name: 'bench calibration',
    summary: 'Measure how well stated probabilities hold',
    load: () => import('./commands/bench-calibration.ts'),
  },
  {
    name: 'bench simulation',
    summary: 'Measure how hard the simulated payments are',
    load: () => import('./commands/bench-simulation.ts'),
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
    name: 'bench ledger',
    summary: 'Measure the ledger under millions of decisions',
    load: () => import('./commands/bench-ledger.ts'),
  },
  { name: 'bench serve', summary: 'Measure the service under load', load: () => import('./commands/bench-serve.ts') },
  {
    name: 'bench stream',
    summary: 'Measure the stream worker under load',
    load: () => import('./commands/bench-stream.ts'),
  },
  {
    name: 'bench faults',
    summary: 'Break everything under load and count what is left',
    load: () => import('./commands/bench-faults.ts'),
  },
  {
    name: 'bench trees',
    summary: 'Measure the tree engine beside the native libraries',
    load: () => import('./commands/bench-trees.ts'),
  },
  {
    name: 'doctor',
    summary: 'Say what is configured, reachable and wrong',
    load: () => import('./commands/doctor.ts'),
  },
];
