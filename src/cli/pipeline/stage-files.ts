/** What a stage of a pipeline reads and writes, and whether that is still so: DVC's dvc.yaml and dvc.lock. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from '../../adapters/duckdb/whole-file.ts';
import { replaceFile } from '../../adapters/system/durable-files.ts';
import { readYaml } from '../../adapters/yaml/read-yaml.ts';
import { dvcLock, dvcPipeline, type LockedStage, type PlannedStage } from '../../datasets/dvc-files.ts';
import { SentinelError } from '../../domain/errors.ts';

const PIPELINE_FILE = 'dvc.yaml';
const LOCK_FILE = 'dvc.lock';

/** Stages as they were when they last ran. PIPELINE_INVALID when the file is damaged. */
export function readLock(): ReadonlyMap<string, unknown> {
  if (!existsSync(LOCK_FILE)) return new Map();
  const read = readYaml(readFileSync(LOCK_FILE, 'utf8'));
  if ('problem' in read) throw new SentinelError('PIPELINE_INVALID', { file: LOCK_FILE, problems: read.problem });
  return new Map(Object.entries((read.value as { stages?: Record<string, unknown> } | null)?.stages ?? {}));
}

/** A stage as it stands now: undefined when a file of it is not there. */
export async function lockedNow(stage: PlannedStage): Promise<LockedStage | undefined> {
  const files = async (paths: readonly string[]) =>
    Promise.all(paths.filter((path) => existsSync(path)).map(async (path) => ({ ...(await fingerprint(path)), path })));
  const [deps, outs] = [await files(stage.deps), await files(stage.outs)];
  if (deps.length < stage.deps.length || outs.length < stage.outs.length) return undefined;
  return { ...stage, deps, outs };
}

/** Whether nothing that the stage depends on or made has changed since it ran. */
export function isUpToDate(now: LockedStage | undefined, before: unknown): boolean {
  if (now === undefined || before === undefined) return false;
  const read = readYaml(dvcLock(new Map([['now', now]])));
  const same = 'value' in read ? (read.value as { stages: { now: unknown } }).stages.now : undefined;
  return canonical(same) === canonical(before);
}

/** Text that does not depend on the order in which a writer put the keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

export async function writePipeline(stages: ReadonlyMap<string, PlannedStage>): Promise<void> {
  await write(PIPELINE_FILE, dvcPipeline(stages));
}

/** Stages that are not among these stay as they were. */
export async function writeLock(
  stages: ReadonlyMap<string, LockedStage>,
  before: ReadonlyMap<string, unknown>,
): Promise<void> {
  await write(LOCK_FILE, dvcLock(stages, new Map([...before].filter(([name]) => !stages.has(name)))));
}

/** Left alone when nothing changes, so that version control sees no change. */
async function write(name: string, text: string): Promise<void> {
  if (existsSync(name) && readFileSync(name, 'utf8') === text) return;
  await replaceFile(join('.', name), new TextEncoder().encode(text));
}
