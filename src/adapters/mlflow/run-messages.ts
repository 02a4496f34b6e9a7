/** Our runs in MLflow's words: tags, names it takes, batches it takes. */
import {
  type ImportantFeature,
  type Run,
  type RunEnd,
  type RunInput,
  type RunMetric,
  type RunStatus,
} from '../../ports/tracking.ts';

/** Source: MLflow REST API, “Log Batch”; at most 1,000 of all kinds together, so kinds are not mixed. */
export const METRICS_A_BATCH = 1_000;
export const PARAMETERS_A_BATCH = 100;
const LONGEST_KEY = 250;
const LONGEST_PARAMETER = 6_000;
const LONGEST_TAG = 5_000;
/** Kept beside a run, so that it is found again when the answer to its making was lost. */
export const RUN_TAG = 'sentinel.run_id';
export const VERSION_TAG = 'sentinel.version';
export const IMPORTANCE_FILE = 'feature_importance.json';

export interface Pair {
  readonly key: string;
  readonly value: string;
}

const STATUSES: Readonly<Record<RunStatus, string>> = {
  running: 'RUNNING',
  finished: 'FINISHED',
  failed: 'FAILED',
  killed: 'KILLED',
};

export const mlflowStatus = (status: RunStatus): string => STATUSES[status];

/** MLflow takes letters, digits, `_ - . : / ` and the space in names. */
export const keyOf = (name: string): string => name.replaceAll(/[^\w\-. :/]/g, '_').slice(0, LONGEST_KEY);

const tagsOf = (values: Readonly<Record<string, string | undefined>>): Pair[] =>
  Object.entries(values)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([key, value]) => ({ key, value: value.slice(0, LONGEST_TAG) }));

/** The tags MLflow's own client sets, so that its pages show source, commit and user. */
export function startTags({ id, source, commit, modified, user, startedMs }: Run): Pair[] {
  return tagsOf({
    [RUN_TAG]: id,
    'mlflow.runName': runName(source, startedMs),
    'mlflow.source.name': source,
    'mlflow.source.type': 'LOCAL',
    'mlflow.source.git.commit': commit,
    'mlflow.source.git.dirty': modified === undefined ? undefined : String(modified),
    'mlflow.user': user,
  });
}

export const endTags = ({ model, problem }: RunEnd): Pair[] =>
  tagsOf({ [VERSION_TAG]: model, 'sentinel.problem': problem });

/** For instance `train 2026-01-01 12:00:00`. */
export function runName(source: string, startedMs: number): string {
  return `${source.split(' ').at(-1)} ${new Date(startedMs).toISOString().slice(0, 19).replace('T', ' ')}`;
}

export const parameterPairs = (parameters: Readonly<Record<string, string>>): Pair[] =>
  Object.entries(parameters).map(([name, value]) => ({ key: keyOf(name), value: value.slice(0, LONGEST_PARAMETER) }));

export const metricPoints = (metrics: readonly RunMetric[]): object[] =>
  metrics.map(({ name, value, step, timeMs }) => ({ key: keyOf(name), value, timestamp: timeMs, step }));

/** A data set as its pages list it: named by file, told apart by digest. */
export function datasetInput({ path, md5, sha256, bytes }: RunInput): object {
  const source = JSON.stringify({ uri: path });
  const profile = JSON.stringify({ bytes, md5, sha256 });
  const dataset = { name: path.split('/').at(-1), digest: md5, source_type: 'local', source, profile };
  return { dataset, tags: [{ key: 'mlflow.data.context', value: 'training' }] };
}

/** A table of which `mlflow.load_table` makes a data frame. */
export function importanceTable(importance: readonly ImportantFeature[]): Uint8Array {
  const columns = ['feature', 'mean_abs_shap', 'gain_share'];
  const data = importance.map(({ feature, meanShap, gainShare }) => [feature, meanShap, gainShare]);
  return new TextEncoder().encode(JSON.stringify({ columns, data }));
}

/** Makes its pages show the table as one. */
export const IMPORTANCE_TAGS = tagsOf({
  'mlflow.loggedArtifacts': JSON.stringify([{ path: IMPORTANCE_FILE, type: 'table' }]),
});

/** Pieces of at most `size`. */
export function batches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
