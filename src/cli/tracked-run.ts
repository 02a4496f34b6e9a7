/** Keeps a record of a long piece of work, from before it begins to however it ends. */
import { userInfo } from 'node:os';
import { maskPans } from '../domain/pan.ts';
import { type OpenRun, type RunPart } from '../ports/tracking.ts';
import { type CommandInput } from './command.ts';
import { sourceCommit } from './source-control.ts';
import { openTracking, syncInPassing, type TrackingConfig } from './tracking.ts';

export interface TrackedRun {
  /** Once it is clear what is to be done: mistakes in the asking are no runs. */
  begin(parameters: Readonly<Record<string, string>>): Promise<void>;
  add(part: RunPart): Promise<void>;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // a container may run as a user without a name
  }
}

/**
 * Runs `work` as a run that others may see while it goes on. It ends as `finished` with the model that `work` names, as
 * `killed` when interrupted, else as `failed`; then the server is told.
 */
export async function whileTracked<T extends { readonly version: string }>(
  input: Pick<CommandInput, 'say' | 'signal'>,
  config: TrackingConfig,
  source: string,
  work: (run: TrackedRun) => Promise<T>,
): Promise<T> {
  let run: OpenRun | undefined;
  let announced: Promise<void> | undefined;
  const tracked: TrackedRun = {
    async begin(parameters) {
      run = await openTracking(config).start({ source, ...(await sourceCommit()), user: userName(), parameters });
      announced = syncInPassing(input, config); // meanwhile the data are read
    },
    async add(part) {
      await run?.add(part);
      await announced;
    },
  };
  try {
    const result = await work(tracked);
    await run?.finish({ status: 'finished', model: result.version });
    return result;
  } catch (error) {
    if (run !== undefined) await endBadly(run, error, input.signal);
    throw error;
  } finally {
    await announced;
    if (run !== undefined) await syncInPassing(input, config);
  }
}

/** The failure of the work matters more than a failure to note it. */
async function endBadly(run: OpenRun, error: unknown, signal: AbortSignal): Promise<void> {
  const problem = maskPans(error instanceof Error ? error.message : String(error)); // the journal takes it, and MLflow
  await run.finish(signal.aborted ? { status: 'killed' } : { status: 'failed', problem }).catch(() => undefined);
}
