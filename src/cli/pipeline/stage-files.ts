/** What a stage of a pipeline reads and writes, and whether that is still so: DVC's dvc.yaml and dvc.lock. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from '../../adapters/duckdb/whole-file.ts';
import { replaceFile } from '../../adapters/system/durable-files.ts';
import { withEntries } from '../../adapters/yaml/edit-yaml.ts';
import { readYaml } from '../../adapters/yaml/read-yaml.ts';
import { dvcLock, dvcPipeline, type LockedStage, type PlannedStage } from '../../datasets/dvc-files.ts';
import { SentinelError } from '../../domain/errors.ts';

const PIPELINE_FILE = 'dvc.yaml';
const LOCK_FILE = 'dvc.lock';

/** Stages as they were when they last ran. PIPELINE_INVALID when the file is damaged. */
export function readLock(): ReadonlyMap<string, unknown> {
  if (!existsSync(LOCK_FILE)) return new Map();
  const lock = readDvc(LOCK_FILE, readFileSync(LOCK_FILE, 'utf8')) as { readonly stages?: Fields } | null;
  return new Map(Object.entries(lock?.stages ?? {}));
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

/**
 * Puts these stages into dvc.yaml in place of those of an earlier run; what else is there stays. PIPELINE_INVALID when a
 * stage of somebody else has a name of ours.
 */
export async function writePipeline(stages: ReadonlyMap<string, PlannedStage>): Promise<void> {
  const text = existsSync(PIPELINE_FILE) ? readFileSync(PIPELINE_FILE, 'utf8') : '';
  const document = readDvc(PIPELINE_FILE, text) ?? {};
  if (!isFields(document)) return refuse(PIPELINE_FILE, 'expected keys and values');
  const { stages: stagesThere, ...others } = document;
  const there = stagesThere ?? {};
  if (!isFields(there)) return refuse(PIPELINE_FILE, 'stages: expected stages by name');
  const [ours, foreign] = [new Set<string>(), new Set<string>()];
  for (const [name, stage] of Object.entries(there)) (isOurs(stage, name) ? ours : foreign).add(name);
  const taken = [...stages.keys()].find((name) => foreign.has(name));
  if (taken !== undefined) refuse(PIPELINE_FILE, `stages.${taken}: is not Sentinel’s, which needs that name; give it another`); // prettier-ignore
  if (foreign.size === 0 && Object.keys(others).length === 0) return write(PIPELINE_FILE, dvcPipeline(stages));
  const { stages: planned } = readDvc(PIPELINE_FILE, dvcPipeline(stages)) as { readonly stages: Fields };
  const gone = [...ours].filter((name) => !stages.has(name)).map((name) => [name, undefined] as const);
  await write(PIPELINE_FILE, withEntries(text, 'stages', new Map([...gone, ...Object.entries(planned)])));
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether the pipeline of a submission wrote the stage. */
function isOurs(stage: unknown, name: string): boolean {
  const cmd = isFields(stage) ? stage['cmd'] : undefined;
  return typeof cmd === 'string' && cmd.includes(' pipeline run ') && cmd.endsWith(` --phase ${name}`);
}

function refuse(file: string, problems: string): never {
  throw new SentinelError('PIPELINE_INVALID', { file, problems });
}

function readDvc(file: string, text: string): unknown {
  const read = readYaml(text);
  return 'problem' in read ? refuse(file, read.problem) : read.value;
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
