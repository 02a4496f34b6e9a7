/** Training runs that have ended, put on record, so that the ledger lists them and a rebuild finds them again. */
import { type ChangeRecord } from '../journal/record.ts';
import { type Journal } from '../ports/journal.ts';
import { type Run } from '../ports/tracking.ts';
import { type Fold } from './fold.ts';

/** Records each run that has ended and is not on record; resolves, with their number, when all are durable. */
export async function recordRuns(
  deps: { readonly fold: Fold; readonly journal: Journal; readonly nowMs: () => number },
  runs: readonly Run[],
): Promise<number> {
  const { fold, journal } = deps;
  const fresh = runs
    .filter(({ id, status }) => status !== 'running' && !fold.knowsRun(id))
    .toSorted((a, b) => a.startedMs - b.startedMs || (a.id < b.id ? -1 : 1));
  let committed = Promise.resolve();
  for (const run of fresh) {
    const arrivalMs = Math.max(fold.position().arrivalMs, deps.nowMs());
    const appended = journal.append<ChangeRecord>({ type: 'change', arrivalMs, subject: 'run', version: run.id, actor: run.user, after: documentOf(run) }); // prettier-ignore
    fold.apply(appended.record);
    ({ committed } = appended);
  }
  await committed;
  return fresh.length;
}

/** What the ledger tells of a run; its inputs, artifacts and the course of its metrics stay in its files. */
function documentOf({ source, status, model, problem, commit, startedMs, endedMs, parameters, metrics }: Run): string {
  const last = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  return JSON.stringify({ source, status, model, problem, commit, startedMs, endedMs, parameters, metrics: last });
}
