/** Brings runs and models here and on a tracking server to the same state: runs go there, stages go both ways. */
import { SentinelError } from '../domain/errors.ts';
import { type ModelRegistry, type ModelStage } from '../ports/model-registry.ts';
import { type Tracking } from '../ports/tracking.ts';
import { type ServerState, type ServerStates, type TrackingServer } from '../ports/tracking-server.ts';
import { forgetLostRuns } from './forget-lost-runs.ts';
import { sendRuns } from './send-runs.ts';
import { shareStages } from './share-stages.ts';

export interface TrackingSync {
  readonly server: string;
  /** Runs sent whole, and those that wait. */
  readonly sent: number;
  readonly waiting: number;
  /** Stages that were changed on the server and hold here now. */
  readonly taken: readonly { readonly version: string; readonly stage: ModelStage }[];
  /** Stages and aliases changed on the server. */
  readonly given: number;
  /** What could not be done; empty when both agree. */
  readonly problems: readonly string[];
}

export interface SyncDeps {
  readonly tracking: Tracking;
  readonly registry: ModelRegistry;
  readonly states: ServerStates;
  readonly server: TrackingServer;
  readonly checkServable: (version: string) => Promise<void>;
}

/** Never rejects because of the server: what is missing is among the problems, and the next call makes up for it. */
export async function syncTracking(deps: SyncDeps): Promise<TrackingSync> {
  const done = await deps.states.alone(() => sync(deps));
  if (done !== undefined) return done;
  const problems = ['another process is sending at this moment'];
  return { server: deps.server.uri, sent: 0, waiting: await waitingRuns(deps), taken: [], given: 0, problems };
}

async function sync(deps: SyncDeps): Promise<TrackingSync> {
  const { tracking, states, server } = deps;
  let state = await states.read(server.uri);
  const remember = async (changed: ServerState): Promise<void> => {
    state = changed;
    await states.write(server.uri, changed);
  };
  const result = { server: server.uri, sent: 0, waiting: 0, taken: [], given: 0, problems: [] };
  try {
    const known = await forgetLostRuns(server, state);
    if (known !== state) await remember(known);
    const { sent, waiting, problems } = await sendRuns({ ...deps, remember }, state, await tracking.list());
    const shared = await shareStages(deps, state.agreed);
    await remember({ ...state, agreed: shared.agreed });
    const { taken, given } = shared;
    return { ...result, sent, waiting, taken, given, problems: [...problems, ...shared.problems] };
  } catch (error) {
    if (!(error instanceof SentinelError)) throw error;
    return { ...result, waiting: await waitingRuns(deps), problems: [error.message] };
  }
}

async function waitingRuns({ tracking, states, server }: SyncDeps): Promise<number> {
  const { runs } = await states.read(server.uri);
  return (await tracking.list()).filter(({ id, status }) => status !== 'running' && runs[id]?.complete !== true).length;
}
