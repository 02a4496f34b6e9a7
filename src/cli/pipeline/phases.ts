/** The phases of a pipeline in their order, each a command of the command line with its options. */
import { METRIC_NAMES } from '../../training/metric-table.ts';
import { type Command, type Option } from '../command.ts';

export const PHASES = ['setup', 'generate', 'prepare', 'train', 'evaluate', 'test', 'load', 'deploy', 'smoke'] as const;
export type PhaseName = (typeof PHASES)[number];

/** The phases that make files from files: the stages of DVC, skipped when nothing they depend on has changed. */
export const STAGES = ['generate', 'prepare', 'train', 'evaluate'] as const satisfies readonly PhaseName[];
export type StageName = (typeof STAGES)[number];

export const isStage = (phase: PhaseName): phase is StageName => STAGES.some((stage) => stage === phase);

interface PhaseDefinition {
  readonly sentence: string;
  /** The command whose options may be set. */
  readonly load?: () => Promise<Command>;
  /** In words, what stands for options that are not given where that is not what the command itself takes. */
  readonly filled?: Readonly<Record<string, string>>;
  /** Further settings of the phase. */
  readonly options?: readonly Option[];
}

export const PHASE_TABLE: Readonly<Record<PhaseName, PhaseDefinition>> = {
  setup: { sentence: 'Checks the installation, as sentinel doctor does, but for what the pipeline makes.' },
  generate: {
    sentence: 'Makes synthetic payments; under data.',
    load: async () => (await import('../commands/generate.ts')).command,
  },
  prepare: {
    sentence: 'Checks, cleans and merges the files of a data set; under data.',
    load: async () => (await import('../commands/datasets-prepare.ts')).command,
  },
  train: {
    sentence: 'Trains and registers a model.',
    load: async () => (await import('../commands/train.ts')).command,
    filled: { data: 'what the phase under data made', mapping: 'the data set of data.prepare, else sentinel' },
  },
  evaluate: {
    sentence: 'Measures that model on its test period, or on other payments given as data.',
    load: async () => (await import('../commands/evaluate.ts')).command,
    filled: { data: 'that of train', mapping: 'that of train', model: 'the one train made', from: 'where its test period begins; with other data, all' },
  },
  test: {
    sentence: 'Ends the pipeline unless the model reaches these values in evaluate: averagePrecision: 0.5, for instance.',
  },
  load: {
    sentence: 'Runs the service with the trained model under load, as sentinel bench serve.',
    load: async () => (await import('../commands/bench-serve.ts')).command,
  },
  deploy: {
    sentence: 'Puts the model in production.',
    options: [
      { name: 'when', type: 'text', value: 'WHEN', default: 'better', choices: ['better', 'always'], sentence: 'Only when it is at least as good as the one in production on the same payments, or always.' },
      { name: 'metric', type: 'text', value: 'NAME', default: 'averagePrecision', choices: METRIC_NAMES, sentence: 'What better means.' },
    ],
  },
  smoke: { sentence: 'Starts the service on a port of its own, has it decide one payment, and stops it.' },
}; // prettier-ignore
