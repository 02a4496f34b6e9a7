/** Runs as commands keep them, and MLflow as they tell it: at once when it answers, by a later command when not. */
import { createMlflowServer } from '../adapters/mlflow/tracking-server.ts';
import { createFileModelRegistry } from '../adapters/registry-files/model-registry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { withTimeLimit } from '../adapters/system/time-limit.ts';
import { createFileServerStates } from '../adapters/tracking-files/server-states.ts';
import { createFileTracking, runsFolder } from '../adapters/tracking-files/tracking.ts';
import { type Config, type SettingName } from '../config.ts';
import { type Tracking } from '../ports/tracking.ts';
import { type TrackingServer } from '../ports/tracking-server.ts';
import { syncTracking, type TrackingSync } from '../usecases/sync-tracking.ts';
import { type CommandInput } from './command.ts';
import { misfitOf } from './policy-fit.ts';
import { getArtifact } from './stored-models.ts';

export type TrackingConfig = Pick<
  Config,
  'modelsDir' | 'policyFile' | 'mlflowUri' | 'mlflowToken' | 'mlflowUser' | 'mlflowPassword' | 'mlflowTimeoutMs'
>;

/** What a command that tells MLflow reads besides the directory of models and, as models may be promoted there, the policy. */
export const TRACKING_SETTINGS: readonly SettingName[] = ['mlflowUri', 'mlflowToken', 'mlflowUser', 'mlflowPassword', 'mlflowTimeoutMs']; // prettier-ignore

/** Under these names MLflow shows runs and models. */
const SHOWN_AS = { experiment: 'fraud_detection', registeredModel: 'fraud_detector' } as const;
/** How much longer a command that is about something else may take because of MLflow. */
const PATIENCE_MS = 15_000;

export function openTracking({ modelsDir }: Pick<Config, 'modelsDir'>): Tracking {
  return createFileTracking(runsFolder(modelsDir), systemClock);
}

/** The MLflow server configured, whether it answers or not. */
export function openServer(config: TrackingConfig, signal?: AbortSignal): TrackingServer {
  return createMlflowServer({
    ...SHOWN_AS,
    uri: config.mlflowUri,
    timeoutMs: config.mlflowTimeoutMs,
    token: config.mlflowToken,
    user: config.mlflowUser,
    password: config.mlflowPassword,
    ...(signal && { signal }),
  });
}

/** Undefined when no server is configured. */
export async function syncWithServer(config: TrackingConfig, signal: AbortSignal): Promise<TrackingSync | undefined> {
  if (config.mlflowUri === '') return undefined;
  const registry = createFileModelRegistry(config.modelsDir, systemClock);
  const synced = await syncTracking({
    tracking: openTracking(config),
    registry,
    states: createFileServerStates(runsFolder(config.modelsDir)),
    server: openServer(config, signal),
    checkServable: async (version) => void (await getArtifact(registry, version)),
  });
  const promoted = synced.taken.find(({ stage }) => stage === 'production');
  const misfit = promoted && misfitOf(config, await getArtifact(registry, promoted.version));
  return misfit === undefined ? synced : { ...synced, problems: [...synced.problems, misfit] };
}

/**
 * For commands that work without a server: sends what there is within a bounded time and says what came of it, never
 * throwing because of it.
 */
export async function syncInPassing(
  { say, signal }: Pick<CommandInput, 'say' | 'signal'>,
  config: TrackingConfig,
): Promise<void> {
  try {
    const synced = await withTimeLimit(PATIENCE_MS, signal, (limit) => syncWithServer(config, limit));
    if (synced !== undefined) for (const line of noticesOf(synced)) say(line);
  } catch (error) {
    say(`MLflow was not told: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What people should know of a synchronisation: nothing when all went as it should. */
export function noticesOf({ waiting, taken, problems }: TrackingSync): readonly string[] {
  return [
    ...taken.map(({ version, stage }) => `MLflow moved ${version} to stage ${stage}`),
    ...problems.map((problem) => (problem.startsWith('MLflow') ? problem : `MLflow: ${problem}`)),
    ...(problems.length > 0 && waiting > 0
      ? [`${waiting} runs wait; the next train, models or runs sync sends them`]
      : []),
  ];
}
