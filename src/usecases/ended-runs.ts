/** What is recorded of training runs that have ended. */
import { type ChangeRecord } from '../journal/record.ts';
import { type Run } from '../ports/tracking.ts';
import { type Fold } from './fold.ts';

/** A record for each run that has ended and that `fold` does not know, the earliest first. */
export function endedRuns(
  fold: Pick<Fold, 'knowsRun'>,
  runs: readonly Run[],
): readonly ((arrivalMs: number) => Omit<ChangeRecord, 'seq'>)[] {
  return runs
    .filter(({ id, status }) => status !== 'running' && !fold.knowsRun(id))
    .toSorted((a, b) => a.startedMs - b.startedMs || (a.id < b.id ? -1 : 1))
    .map((run) => {
      const after = documentOf(run);
      return (arrivalMs) => ({ type: 'change', arrivalMs, subject: 'run', version: run.id, actor: run.user, after });
    });
}

/** What the ledger tells of a run; its inputs, artifacts and the course of its metrics stay in its files. */
function documentOf({ source, status, model, problem, commit, startedMs, endedMs, parameters, metrics }: Run): string {
  const last = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  return JSON.stringify({ source, status, model, problem, commit, startedMs, endedMs, parameters, metrics: last });
}
