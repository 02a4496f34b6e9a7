/** MLflow's REST interface over values in memory, as far as this program speaks it, with the limits of the real one. */

interface StoredRun {
  readonly info: { run_id: string; artifact_uri: string; status: string; start_time: number; end_time?: number };
  readonly tags: Map<string, string>;
  readonly params: Map<string, string>;
  readonly metrics: Map<string, number>;
  readonly datasets: unknown[];
}

interface StoredVersion {
  readonly version: string;
  current_stage: string;
  readonly source: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

export interface MlflowInMemory {
  readonly fetch: typeof fetch;
  readonly runs: Map<string, StoredRun>;
  readonly files: Map<string, Uint8Array>;
  readonly versions: StoredVersion[];
  readonly aliases: Map<string, string>;
  /** Forgets everything, as a server does whose database was made anew. */
  empty(): void;
  /** Calls that changed or asked something, in order: method and path. */
  readonly calls: string[];
  /** Decides about each call before it is answered; may answer itself, or throw as a broken line does. */
  intercept: (call: string, nth: number) => Response | undefined | Promise<Response | undefined>;
  /** Loses the answer to the n-th call from now, after doing what it asks. */
  loseAnswer: (call: string) => boolean;
}

type Body = Readonly<Record<string, unknown>>;
class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
const STATUS: Readonly<Record<string, number>> = { RESOURCE_DOES_NOT_EXIST: 404 };
const NAME = /^[\w\-. :/]+$/;

export function createMlflowInMemory(): MlflowInMemory {
  const runs = new Map<string, StoredRun>();
  const files = new Map<string, Uint8Array>();
  const versions: StoredVersion[] = [];
  const aliases = new Map<string, string>();
  const experiments = new Map<string, string>();
  let registered = false;

  const runOf = (id: unknown): StoredRun => {
    const run = runs.get(String(id));
    if (run === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', `Run ${String(id)} not found`);
    return run;
  };
  const shownRun = ({ info }: StoredRun): object => ({ info });

  function logBatch(body: Body): object {
    const run = runOf(body['run_id']);
    const metrics = (body['metrics'] ?? []) as { key: string; value: number; step: number }[];
    const params = (body['params'] ?? []) as { key: string; value: string }[];
    const tags = (body['tags'] ?? []) as { key: string; value: string }[];
    if (metrics.length + params.length + tags.length > 1_000 || params.length > 100 || tags.length > 100) throw new Refusal('INVALID_PARAMETER_VALUE', 'too many'); // prettier-ignore
    for (const { key, value } of [...params, ...metrics]) {
      if (!NAME.test(key)) throw new Refusal('INVALID_PARAMETER_VALUE', `Invalid value "${key}"`);
      if (value === null) throw new Refusal('INVALID_PARAMETER_VALUE', 'no value');
    }
    for (const { key, value } of params) {
      if ((run.params.get(key) ?? value) !== value) throw new Refusal('INVALID_PARAMETER_VALUE', `Changing param ${key}`); // prettier-ignore
      run.params.set(key, value);
    }
    for (const { key, value, step } of metrics) run.metrics.set(`${key}@${step}`, value);
    for (const { key, value } of tags) run.tags.set(key, value);
    return {};
  }

  const get: Readonly<Record<string, (query: URLSearchParams) => object>> = {
    'experiments/get-by-name': (query) => {
      const id = experiments.get(query.get('experiment_name')!);
      if (id === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', 'no such experiment');
      return { experiment: { experiment_id: id } };
    },
    'runs/get': (query) => ({ run: shownRun(runOf(query.get('run_id'))) }),
    'registered-models/get': () => {
      if (!registered) throw new Refusal('RESOURCE_DOES_NOT_EXIST', 'no such model');
      return { registered_model: aliases.size === 0 ? {} : { aliases: [...aliases].map(([alias, version]) => ({ alias, version })) } }; // prettier-ignore
    },
    // Pages of two, so that whoever does not turn them misses something.
    'model-versions/search': (query) => {
      const from = Number(query.get('page_token') ?? 0);
      const more = from + 2 < versions.length ? { next_page_token: String(from + 2) } : {};
      return { model_versions: versions.slice(from, from + 2), ...more };
    },
  };
  const versionOf = (body: Body): StoredVersion => {
    const found = versions.find(({ version }) => version === body['version']);
    if (found === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', 'no such version');
    return found;
  };
  const post: Readonly<Record<string, (body: Body) => object>> = {
    'experiments/create': ({ name }) => {
      if (experiments.has(String(name))) throw new Refusal('RESOURCE_ALREADY_EXISTS', 'exists');
      experiments.set(String(name), String(experiments.size + 1));
      return { experiment_id: String(experiments.size) };
    },
    'runs/search': ({ filter }) => {
      const id = /= '([^']*)'$/.exec(String(filter))?.[1];
      const found = [...runs.values()].find(({ tags }) => tags.get('sentinel.run_id') === id);
      return found === undefined ? {} : { runs: [shownRun(found)] };
    },
    'runs/create': ({ start_time: start, tags }) => {
      const run_id = `r${runs.size + 1}`;
      const info = { run_id, artifact_uri: `mlflow-artifacts:/1/${run_id}/artifacts`, status: 'RUNNING', start_time: Number(start) }; // prettier-ignore
      const pairs = tags as { key: string; value: string }[];
      runs.set(run_id, { info, tags: new Map(pairs.map(({ key, value }) => [key, value])), params: new Map(), metrics: new Map(), datasets: [] }); // prettier-ignore
      return { run: shownRun(runOf(run_id)) };
    },
    'runs/log-batch': logBatch,
    'runs/log-inputs': ({ run_id, datasets }) => {
      runOf(run_id).datasets.push(...(datasets as unknown[]));
      return {};
    },
    'runs/update': ({ run_id, status, end_time: end }) => {
      Object.assign(runOf(run_id).info, { status, end_time: end });
      return {};
    },
    'registered-models/create': () => {
      if (registered) throw new Refusal('RESOURCE_ALREADY_EXISTS', 'exists');
      registered = true;
      return {};
    },
    'model-versions/create': ({ source, tags }) => {
      const version = String(versions.length + 1);
      versions.push({ version, current_stage: 'None', source: String(source), tags: tags as StoredVersion['tags'] });
      return { model_version: versions.at(-1) };
    },
    'model-versions/transition-stage': (body) => {
      versionOf(body).current_stage = String(body['stage']);
      return {};
    },
    'registered-models/alias': (body) => {
      aliases.set(String(body['alias']), versionOf(body).version);
      return {};
    },
  };

  function answer(method: string, url: URL, body: Uint8Array): Response {
    const file = url.pathname.split('/api/2.0/mlflow-artifacts/artifacts/')[1];
    if (file !== undefined) {
      const path = decodeURIComponent(file);
      if (method === 'PUT') files.set(path, body);
      const found = files.get(path);
      return found === undefined ? new Response('', { status: 404 }) : new Response(Buffer.from(found));
    }
    const call = url.pathname.split('/api/2.0/mlflow/')[1] ?? '';
    const fields = body.length === 0 ? {} : (JSON.parse(new TextDecoder().decode(body)) as Body);
    if (method === 'DELETE') {
      aliases.delete(String(fields['alias']));
      return Response.json({});
    }
    const handled = method === 'GET' ? get[call]?.(url.searchParams) : post[call]?.(fields);
    return handled === undefined ? new Response('no such call', { status: 404 }) : Response.json(handled);
  }

  const mlflow: MlflowInMemory = {
    runs,
    files,
    versions,
    aliases,
    calls: [],
    intercept: () => undefined,
    loseAnswer: () => false,
    empty() {
      for (const held of [runs, files, aliases, experiments]) held.clear();
      versions.length = 0;
      registered = false;
    },
    async fetch(address, init = {}) {
      const url = new URL(address as string);
      const call = `${init.method ?? 'GET'} ${url.pathname.replace(/^.*\/2\.0\//, '')}`;
      mlflow.calls.push(call);
      init.signal?.throwIfAborted();
      const early = await mlflow.intercept(call, mlflow.calls.length);
      if (early !== undefined) return early;
      const body = typeof init.body === 'string' ? new TextEncoder().encode(init.body) : new Uint8Array((init.body ?? []) as Uint8Array); // prettier-ignore
      let response: Response;
      try {
        response = answer(init.method ?? 'GET', url, body);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        response = Response.json({ error_code: error.code, message: error.message }, { status: STATUS[error.code] ?? 400 }); // prettier-ignore
      }
      if (mlflow.loseAnswer(call)) throw new TypeError('fetch failed');
      return response;
    },
  };
  return mlflow;
}
