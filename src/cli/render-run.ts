/** A training run for people. */
import { formatRfc3339 } from '../domain/time.ts';
import { type Run } from '../ports/tracking.ts';

const IMPORTANT_SHOWN = 10;

/** How long it took; a dash while it goes on. */
export function durationText({ startedMs, endedMs }: Pick<Run, 'startedMs' | 'endedMs'>): string {
  return endedMs === undefined ? '–' : `${((endedMs - startedMs) / 1_000).toFixed(1)} s`;
}

export function renderRun(run: Run): string {
  const { id, source, status, commit, modified, user, model, problem } = run;
  const pair = (name: string, value: string): string => `  ${name.padEnd(28)} ${value}`;
  const latest = new Map(run.metrics.map(({ name, value }) => [name, value]));
  return [
    `${id}  ${status}  ${source}`,
    pair('started', formatRfc3339(run.startedMs)),
    pair('took', durationText(run)),
    pair('by', user),
    pair('commit', commit === undefined ? 'unknown' : `${commit}${modified === true ? ', modified' : ''}`),
    ...(model === undefined ? [] : [pair('model', model)]),
    ...(problem === undefined ? [] : [pair('problem', problem)]),
    'parameters',
    ...Object.entries(run.parameters).map(([name, value]) => pair(name, value)),
    'inputs',
    ...run.inputs.map(({ path, bytes, md5 }) => pair(path, `${bytes} bytes, md5 ${md5}`)),
    'metrics, latest step',
    ...[...latest].map(([name, value]) => pair(name, String(value))),
    'most important features, mean |Shapley value|',
    ...run.importance.slice(0, IMPORTANT_SHOWN).map(({ feature, meanShap }) => pair(feature, meanShap.toFixed(4))),
    'artifacts',
    ...run.artifacts.map(({ path, bytes }) => pair(path, `${bytes} bytes`)),
  ].join('\n');
}
