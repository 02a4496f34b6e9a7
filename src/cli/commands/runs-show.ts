/** sentinel runs show: everything a run recorded. */
import { type Run } from '../../ports/tracking.ts';
import { type Command } from '../command.ts';
import { renderRun } from '../render-run.ts';
import { openTracking } from '../tracking.ts';

export const command: Command<Run> = {
  arguments: [{ name: 'id', required: true, sentence: 'The run, or at least the first four digits of its id; sentinel runs lists them.' }], // prettier-ignore
  settings: ['modelsDir'],
  example: 'sentinel runs show 1f0c9a52',
  run: ({ given, config }) => openTracking(config()).get(given.text('id')),
  render: renderRun,
};
