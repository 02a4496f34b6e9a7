/** sentinel runs: the training runs, newest first. */
import { formatRfc3339 } from '../../domain/time.ts';
import { type Run } from '../../ports/tracking.ts';
import { type Command } from '../command.ts';
import { durationText } from '../render-run.ts';
import { openTracking } from '../tracking.ts';

type Listed = Pick<Run, 'id' | 'source' | 'status' | 'startedMs' | 'endedMs' | 'model' | 'problem'>;

const SHOWN_ID = 12;

export const command: Command<readonly Listed[]> = {
  settings: ['modelsDir'],
  example: 'sentinel runs',
  async run({ config }) {
    return (await openTracking(config()).list()).map(
      ({ id, source, status, startedMs, endedMs, model, problem }): Listed => ({
        id,
        source,
        status,
        startedMs,
        ...(endedMs !== undefined && { endedMs }),
        ...(model !== undefined && { model }),
        ...(problem !== undefined && { problem }),
      }),
    );
  },
  render: (runs) =>
    runs.length === 0
      ? 'No run is recorded yet: sentinel train makes one.'
      : runs
          .map((run) => {
            const { id, source, status, startedMs, model = '', problem = '' } = run;
            const times = `${formatRfc3339(startedMs)}  ${durationText(run).padStart(8)}`;
            return `${id.slice(0, SHOWN_ID)}  ${status.padEnd(8)}  ${times}  ${source.padEnd(15)}  ${model}${problem}`;
          })
          .join('\n'),
};
