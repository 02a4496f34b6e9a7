/** MLflow as a tracking server: runs, files through its proxy, registered models with stages and aliases, by REST. */
import { SentinelError } from '../../domain/errors.ts';
import { type ModelStage } from '../../ports/model-registry.ts';
import {
  type ServerModel,
  type ServerModels,
  type ServerRun,
  type ServerRunPart,
  type TrackingServer,
} from '../../ports/tracking-server.ts';
import { createMlflowClient, type MlflowOptions } from './client.ts';
import {
  batches,
  datasetInput,
  endTags,
  IMPORTANCE_FILE,
  IMPORTANCE_TAGS,
  importanceTable,
  metricPoints,
  METRICS_A_BATCH,
  mlflowStatus,
  type Pair,
  parameterPairs,
  PARAMETERS_A_BATCH,
  runName,
  RUN_TAG,
  startTags,
  VERSION_TAG,
} from './run-messages.ts';

const MODEL_FOLDER = 'model';
const VERSIONS_A_PAGE = 200;
/** The scheme of files that the server itself hands on. */
const PROXIED = 'mlflow-artifacts:';

/** What of the answers is read; MLflow leaves out what is empty. */
interface RunAnswer {
  readonly info: { readonly run_id: string; readonly artifact_uri: string };
}
interface VersionAnswer {
  readonly version: string;
  readonly current_stage?: string;
  readonly tags?: readonly Pair[];
}

const STAGE_NAMES: Readonly<Record<ModelStage, string>> = {
  none: 'None',
  staging: 'Staging',
  production: 'Production',
  archived: 'Archived',
};
const STAGES = new Map(Object.entries(STAGE_NAMES).map(([stage, name]) => [name, stage as ModelStage])); // the keys of a closed table

function modelOf({ version: number, current_stage: stage = 'None', tags = [] }: VersionAnswer): ServerModel {
  const version = tags.find(({ key }) => key === VERSION_TAG)?.value;
  return {
    number,
    ...(version !== undefined && { version }),
    stage: STAGES.get(stage) ?? 'none',
  };
}

export interface MlflowServerOptions extends MlflowOptions {
  /** The experiment that holds the runs, and the registered model that holds the versions; made when absent. */
  readonly experiment: string;
  readonly registeredModel: string;
}

export function createMlflowServer(options: MlflowServerOptions): TrackingServer {
  const { experiment, registeredModel } = options;
  const client = createMlflowClient(options);
  const { uri } = client;
  let knownExperiment: string | undefined;

  /** Answers of calls that succeed hold what their documentation says; `T` is the part that is read. */
  const find = async <T>(call: string, query: Readonly<Record<string, string>>): Promise<T | undefined> =>
    (await client.find(call, query)) as T | undefined;
  const send = async <T>(call: string, body: object): Promise<T | undefined> =>
    (await client.send(call, body)) as T | undefined;

  async function experimentId(): Promise<string> {
    if (knownExperiment !== undefined) return knownExperiment;
    const byName = async (): Promise<string | undefined> =>
      (
        await find<{ experiment: { experiment_id: string } }>('experiments/get-by-name', {
          experiment_name: experiment,
        })
      )?.experiment.experiment_id;
    const made = async (): Promise<string | undefined> =>
      (await send<{ experiment_id: string }>('experiments/create', { name: experiment }))?.experiment_id;
    // Another process may have made it between the two questions.
    knownExperiment = (await byName()) ?? (await made()) ?? (await byName());
    if (knownExperiment !== undefined) return knownExperiment;
    throw new SentinelError('TRACKING_REFUSED', { uri, what: experiment, problem: 'the experiment was deleted there' });
  }

  const serverRun = ({ info }: RunAnswer): ServerRun => ({ id: info.run_id, artifactRoot: info.artifact_uri });

  async function findRun(id: string): Promise<RunAnswer | undefined> {
    const body = {
      experiment_ids: [await experimentId()],
      filter: `tags.\`${RUN_TAG}\` = '${id}'`,
      max_results: 1,
    };
    return (await send<{ runs?: readonly RunAnswer[] }>('runs/search', body))?.runs?.[0];
  }

  async function addToRun(run: ServerRun, part: ServerRunPart): Promise<void> {
    for (const metrics of batches(metricPoints(part.metrics ?? []), METRICS_A_BATCH)) {
      await send('runs/log-batch', { run_id: run.id, metrics });
    }
    for (const params of batches(parameterPairs(part.parameters ?? {}), PARAMETERS_A_BATCH)) {
      await send('runs/log-batch', { run_id: run.id, params });
    }
    if (part.inputs !== undefined && part.inputs.length > 0) {
      await send('runs/log-inputs', { run_id: run.id, datasets: part.inputs.map(datasetInput) });
    }
    if (part.importance !== undefined && part.importance.length > 0) {
      await client.putFile(placeOf(run, IMPORTANCE_FILE), importanceTable(part.importance));
      await send('runs/log-batch', { run_id: run.id, tags: IMPORTANCE_TAGS });
    }
  }

  /** A file's path at the proxy. TRACKING_REFUSED when the server keeps files elsewhere. */
  function placeOf({ artifactRoot }: ServerRun, path: string): string {
    if (artifactRoot.startsWith(PROXIED)) {
      return `${new URL(artifactRoot).pathname.replace(/^\/+/, '')}/${path}`;
    }
    const problem = `it keeps files at ${artifactRoot}: start it with --serve-artifacts`;
    throw new SentinelError('TRACKING_REFUSED', { uri, what: path, problem });
  }

  async function versions(): Promise<readonly ServerModel[]> {
    const found: ServerModel[] = [];
    for (let page = ''; ;) {
      const answer = await find<{ model_versions?: readonly VersionAnswer[]; next_page_token?: string }>(
        'model-versions/search',
        {
          filter: `name='${registeredModel}'`,
          max_results: String(VERSIONS_A_PAGE),
          ...(page !== '' && { page_token: page }),
        },
      );
      found.push(...(answer?.model_versions ?? []).map(modelOf));
      page = answer?.next_page_token ?? '';
      if (page === '') return found;
    }
  }

  async function models(): Promise<ServerModels> {
    const answer = await find<{
      registered_model: { aliases?: readonly { readonly alias: string; readonly version: string }[] };
    }>('registered-models/get', { name: registeredModel });
    if (answer === undefined) return { models: [], aliases: {} };
    const aliases = answer.registered_model.aliases ?? [];
    return {
      models: await versions(),
      aliases: Object.fromEntries(aliases.map(({ alias, version }) => [alias, version])),
    };
  }

  return {
    uri,
    async openRun(run) {
      const known = await findRun(run.id);
      if (known !== undefined) return serverRun(known);
      const { source, startedMs, user } = run;
      const body = {
        experiment_id: await experimentId(),
        user_id: user,
        run_name: runName(source, startedMs),
        start_time: startedMs,
        tags: startTags(run),
      };
      const made = await send<{ run: RunAnswer }>('runs/create', body);
      if (made !== undefined) return serverRun(made.run);
      throw new SentinelError('TRACKING_REFUSED', { uri, what: `run ${run.id}`, problem: 'it says it has it already' });
    },
    hasRun: async ({ id }) => (await find('runs/get', { run_id: id })) !== undefined,
    addToRun,
    putArtifact: async (run, path, bytes) => client.putFile(placeOf(run, path), bytes),
    readArtifact: async (run, path) => client.getFile(placeOf(run, path)),
    async endRun(run, end) {
      const tags = endTags(end);
      if (tags.length > 0) await send('runs/log-batch', { run_id: run.id, tags });
      await send('runs/update', { run_id: run.id, status: mlflowStatus(end.status), end_time: end.endedMs });
    },
    models,
    async registerModel(run, version) {
      const known = (await models()).models.find((model) => model.version === version);
      if (known !== undefined) return known.number;
      await send('registered-models/create', { name: registeredModel });
      const body = {
        name: registeredModel,
        source: `${run.artifactRoot}/${MODEL_FOLDER}`,
        run_id: run.id,
        description: version,
        tags: [{ key: VERSION_TAG, value: version }],
      };
      const made = await send<{ model_version: VersionAnswer }>('model-versions/create', body);
      if (made !== undefined) return made.model_version.version;
      throw new SentinelError('TRACKING_REFUSED', { uri, what: version, problem: 'it says it has it already' });
    },
    async setStage(number, stage) {
      const body = {
        name: registeredModel,
        version: number,
        stage: STAGE_NAMES[stage],
        archive_existing_versions: false,
      };
      await send('model-versions/transition-stage', body);
    },
    async setAlias(alias, number) {
      const body = { name: registeredModel, alias, ...(number !== undefined && { version: number }) };
      await client.send('registered-models/alias', body, number === undefined ? 'DELETE' : 'POST');
    },
  };
}
