/** Brings a tracking server up to date with the runs kept here, each from where it was left. */
import { SentinelError } from '../domain/errors.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { type Run, type Tracking } from '../ports/tracking.ts';
import { type SentRun, type ServerRun, type ServerState, type TrackingServer } from '../ports/tracking-server.ts';

export interface SentRuns {
  /** Runs that the server has whole now and had not before. */
  readonly sent: number;
  /** Runs that the server does not have whole, those that go on left out. */
  readonly waiting: number;
  /** What was not taken and why. */
  readonly problems: readonly string[];
}

export interface SendingDeps {
  readonly tracking: Tracking;
  readonly registry: ModelRegistry;
  readonly server: TrackingServer;
  readonly remember: (state: ServerState) => Promise<void>;
}

/** The folder of a run under which the server keeps the files of its model. */
const MODEL_FOLDER = 'model';

/**
 * Oldest first. Progress is remembered after every step, and a step done twice does no harm, so it may end anywhere.
 * Rejects with TRACKING_UNAVAILABLE when the server is; a run it refuses waits, and the others go on.
 */
export async function sendRuns(deps: SendingDeps, state: ServerState, runs: readonly Run[]): Promise<SentRuns> {
  let known = state;
  const remember = async (id: string, sent: SentRun | undefined): Promise<void> => {
    const { [id]: _, ...others } = known.runs;
    known = { ...known, runs: sent === undefined ? others : { ...others, [id]: sent } };
    await deps.remember(known);
  };
  const open = runs.filter((run) => known.runs[run.id]?.complete !== true).reverse();
  const problems: string[] = [];
  let sent = 0;
  for (const run of open) {
    try {
      const complete = await sendRun(deps, run, known.runs[run.id], (progress) => remember(run.id, progress));
      if (complete) sent++;
    } catch (error) {
      if (!(error instanceof SentinelError) || error.code === 'TRACKING_UNAVAILABLE') throw error;
      problems.push(`run ${run.id}: ${error.message}`);
      await remember(run.id, undefined); // it may have been deleted there: begin again next time
    }
  }
  const waiting = open.filter(({ id, status }) => status !== 'running' && known.runs[id]?.complete !== true).length;
  return { sent, waiting, problems };
}

/** Whether the server has all of it now: a run that goes on is never whole. */
async function sendRun(
  deps: SendingDeps,
  run: Run,
  before: SentRun | undefined,
  remember: (sent: SentRun) => Promise<void>,
): Promise<boolean> {
  const { server, tracking } = deps;
  let sent: SentRun = before ?? nothingOf(await server.openRun(run));
  const progress = async (change: Partial<SentRun>): Promise<void> => {
    sent = { ...sent, ...change };
    await remember(sent);
  };
  if (before === undefined) await progress({});
  const parameters = Object.entries(run.parameters);
  const part = {
    parameters: Object.fromEntries(parameters.slice(sent.parameters)),
    metrics: run.metrics.slice(sent.metrics),
    inputs: run.inputs.slice(sent.inputs),
    importance: run.importance.length > sent.importance ? run.importance : [],
  };
  if (Object.values(part).some((items) => Object.keys(items).length > 0)) {
    await server.addToRun(sent.run, part);
    const { metrics, inputs, importance } = run;
    await progress({
      parameters: parameters.length,
      metrics: metrics.length,
      inputs: inputs.length,
      importance: importance.length,
    });
  }
  for (const { path } of run.artifacts.slice(sent.artifacts)) {
    await server.putArtifact(sent.run, path, await tracking.readArtifact(run.id, path));
    await progress({ artifacts: sent.artifacts + 1 });
  }
  if (run.status === 'running') return false;
  if (run.model !== undefined && !sent.modelFiles) {
    await sendModel(deps, sent.run, run.model);
    await progress({ modelFiles: true });
  }
  const { status, model, problem, endedMs = run.startedMs } = run;
  await server.endRun(sent.run, {
    status,
    endedMs,
    ...(model !== undefined && { model }),
    ...(problem !== undefined && { problem }),
  });
  await progress({ complete: true });
  return true;
}

/** The files of a model version and its entry among the registered ones; nothing for a version that is gone here. */
async function sendModel({ server, registry }: SendingDeps, run: ServerRun, version: string): Promise<void> {
  const isThere = (await registry.list()).some((entry) => entry.version === version);
  if (!isThere) return;
  for (const [name, bytes] of await registry.load(version)) {
    await server.putArtifact(run, `${MODEL_FOLDER}/${name}`, bytes);
  }
  await server.registerModel(run, version);
}

function nothingOf(run: ServerRun): SentRun {
  return {
    run,
    parameters: 0,
    metrics: 0,
    inputs: 0,
    artifacts: 0,
    importance: 0,
    modelFiles: false,
    complete: false,
  };
}
