/** Runs as files: a directory a run, with what is known of it in one file and its artifacts beside that. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SentinelError } from '../../domain/errors.ts';
import { type Clock } from '../../ports/clock.ts';
import {
  type OpenRun,
  type Run,
  type RunArtifact,
  type RunEnd,
  type RunFacts,
  type RunPart,
  type Tracking,
} from '../../ports/tracking.ts';
import { replaceFile, syncDirectory, writeSynced } from '../system/durable-files.ts';
import { decodeRun, encodeRun, sha256 } from './run-record.ts';

/** Runs lie beside the models, so that a backup holds both. */
export const runsFolder = (modelsDir: string): string => join(modelsDir, 'runs');

const RUN_FILE = 'run.json';
const ARTIFACTS = 'artifacts';
/** The pointers among the artifacts are records of what was learned from, not files of the project around. */
const DVC_IGNORE = '*\n';
const ID_BYTES = 16;
const ID = /^[0-9a-f]{32}$/;
const ID_START = /^[0-9a-f]{4,32}$/;
/** Folders and plain names: nothing hidden, nothing above. */
const ARTIFACT_PATH = /^[A-Za-z0-9][\w .-]*(\/[A-Za-z0-9][\w .-]*)*$/;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'; // fs rejects with these only

/** Layout: `<directory>/<id>/{run.json, artifacts/…}`; artifacts are written before the file that names them. */
export function createFileTracking(directory: string, clock: Clock): Tracking {
  const runPath = (id: string): string => join(directory, id, RUN_FILE);
  const write = (run: Run): Promise<void> => replaceFile(runPath(run.id), encodeRun(run));

  async function ids(): Promise<readonly string[]> {
    try {
      return (await readdir(directory)).filter((name) => ID.test(name));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** Undefined for a directory that a crash left without its file. */
  async function read(id: string): Promise<Run | undefined> {
    try {
      return decodeRun(await readFile(runPath(id)), runPath(id), Math.floor((await stat(runPath(id))).mtimeMs));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async function get(id: string): Promise<Run> {
    const found = ID_START.test(id) ? (await ids()).filter((each) => each.startsWith(id)) : [];
    const run = found.length === 1 ? await read(found[0]!) : undefined;
    if (run === undefined) throw new SentinelError('NOT_FOUND', { what: 'Run', id });
    return run;
  }

  async function writeArtifact(id: string, path: string, bytes: Uint8Array): Promise<RunArtifact> {
    const target = join(directory, id, ARTIFACTS, path);
    if (!ARTIFACT_PATH.test(path)) {
      throw new SentinelError('RUN_DAMAGED', { path: target, problem: 'not a usable file name' });
    }
    await mkdir(dirname(target), { recursive: true });
    await writeSynced(target, bytes);
    await syncDirectory(dirname(target));
    return { path, bytes: bytes.length, sha256: sha256(bytes) };
  }

  function open(started: Run): OpenRun {
    let run = started;
    const { id } = started;
    return {
      id,
      async add(part) {
        const written: RunArtifact[] = [];
        for (const [path, bytes] of part.artifacts ?? []) written.push(await writeArtifact(id, path, bytes));
        run = extended(run, part, written);
        await write(run);
      },
      async finish(end: RunEnd) {
        run = { ...run, ...end, endedMs: Math.max(run.startedMs, clock.nowMs()) };
        await write(run);
      },
    };
  }

  return {
    async start(facts: RunFacts) {
      const id = randomBytes(ID_BYTES).toString('hex');
      const run: Run = {
        id,
        ...facts,
        status: 'running',
        startedMs: clock.nowMs(),
        metrics: [],
        inputs: [],
        artifacts: [],
        importance: [],
      };
      await mkdir(dirname(runPath(id)), { recursive: true });
      await writeFile(join(directory, '.dvcignore'), DVC_IGNORE);
      await write(run);
      await syncDirectory(directory);
      return open(run);
    },
    async list() {
      const runs = await Promise.all((await ids()).map(read));
      return runs
        .filter((run) => run !== undefined)
        .sort((a, b) => b.startedMs - a.startedMs || (a.id < b.id ? 1 : -1));
    },
    get,
    async readArtifact(id, path) {
      const run = await get(id);
      const place = join(directory, run.id, ARTIFACTS, path);
      const entry = run.artifacts.findLast((artifact) => artifact.path === path);
      if (entry === undefined) throw new SentinelError('NOT_FOUND', { what: `Artifact of run ${run.id}`, id: path });
      const bytes = await readFile(place).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
        throw new SentinelError('RUN_DAMAGED', { path: place, problem: 'missing' }, error);
      });
      if (sha256(bytes) === entry.sha256) return new Uint8Array(bytes);
      throw new SentinelError('RUN_DAMAGED', { path: place, problem: 'its SHA-256 is not the one recorded' });
    },
  };
}

/** A run with what has become known since. */
function extended(run: Run, part: RunPart, artifacts: readonly RunArtifact[]): Run {
  return {
    ...run,
    parameters: { ...run.parameters, ...part.parameters },
    metrics: [...run.metrics, ...(part.metrics ?? []).filter(({ value }) => Number.isFinite(value))],
    inputs: [...run.inputs, ...(part.inputs ?? [])],
    artifacts: [...run.artifacts, ...artifacts],
    importance: [...run.importance, ...(part.importance ?? [])],
  };
}
