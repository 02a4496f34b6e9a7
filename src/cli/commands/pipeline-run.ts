/** sentinel pipeline run: the phases of submission.yml, from data to a model in production. */
import { type Command } from '../command.ts';
import { PHASES } from '../pipeline/phases.ts';
import { type PhaseReport, runPhases } from '../pipeline/run-phases.ts';
import { readSubmission } from '../pipeline/submission.ts';
import { TRACKING_SETTINGS } from '../tracking.ts';

interface PipelineRun {
  readonly file: string;
  readonly phases: readonly PhaseReport[];
}

export const command: Command<PipelineRun> = {
  arguments: [{ name: 'file', required: false, sentence: 'The phases and their settings. (default submission.yml)' }],
  options: [
    { name: 'phase', type: 'text', value: 'NAME', choices: PHASES, sentence: 'Run this phase alone, whatever its state; dvc.yaml calls it so.' },
    { name: 'again', type: 'flag', sentence: 'Run also what is up to date.' },
  ], // prettier-ignore
  settings: ['dataDir', 'modelsDir', 'policyFile', 'servingBudgetUs', ...TRACKING_SETTINGS],
  example: 'sentinel pipeline run submission.yml',
  async run(input) {
    const file = input.given.optionalText('file') ?? 'submission.yml';
    const submission = await readSubmission(file);
    const only = input.given.optionalText('phase');
    const phases = await runPhases(input, submission, {
      ...(only !== undefined && { only }),
      again: input.given.flag('again'),
    });
    return { file, phases };
  },
  hasFailed: ({ phases }) => phases.some(({ outcome }) => outcome === 'failed'),
  render: ({ phases }) =>
    phases
      .map(({ phase, outcome, seconds, text }) => {
        const head = `${phase.padEnd(9)} ${outcome.padEnd(10)} ${outcome === 'up to date' ? '' : `${seconds.toFixed(1)} s`}`;
        return [
          head.trimEnd(),
          ...text
            .split('\n')
            .filter(Boolean)
            .map((line) => `  ${line}`),
        ].join('\n');
      })
      .join('\n'),
};
