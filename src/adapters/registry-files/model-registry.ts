/** The model registry as files: a directory per version, checksums beside them, stages in one small file. */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SentinelError } from '../../domain/errors.ts';
import { type Clock } from '../../ports/clock.ts';
import { type ModelEntry, type ModelRegistry, type ModelStage } from '../../ports/model-registry.ts';
import { decodeManifest, encodeManifest, type Manifest, MANIFEST_FILE, verifyFile } from './checksums.ts';
import { atExit } from '../system/at-exit.ts';
import { replaceFile, syncDirectory, writeSynced } from '../system/durable-files.ts';
import { writingTo } from '../system/failure-place.ts';
import { type Lock, takeLock } from '../system/lock.ts';

const STAGES_FILE = 'stages.json';
const STAGES_LOCK = '.stages.lock';
/** How long another process may hold the stages, which it changes in milliseconds, and how often that is looked at. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 20;
const VERSION = /^v(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})$/;
/** Each stage once, as the compiler sees to. */
const STAGES: Readonly<Record<ModelStage, true>> = { none: true, staging: true, production: true, archived: true };
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code; // fs rejects with these only
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

/** The moment a version names. */
function momentOf(version: string): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = VERSION.exec(version)!.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The stages in a file that people may have written in; ARTIFACT_INVALID naming `path`. */
function parseStages(text: string, path: string): Record<string, ModelStage> {
  const refuse = (what: string, cause?: unknown): never => {
    const problem = `${what}; move it away, and promote a model again (sentinel models promote VERSION)`;
    throw new SentinelError('ARTIFACT_INVALID', { path, problem }, cause);
  };
  let stages: unknown;
  try {
    stages = JSON.parse(text);
  } catch (error) {
    return refuse('not readable as JSON', error);
  }
  if (typeof stages !== 'object' || stages === null || Array.isArray(stages)) return refuse('is no list of stages');
  for (const [version, stage] of Object.entries(stages)) {
    if (!Object.keys(STAGES).some((known) => known === stage)) refuse(`${version} is in stage ${JSON.stringify(stage)}, which is none`); // prettier-ignore
  }
  return stages as Record<string, ModelStage>;
}

/**
 * Layout: `<directory>/<version>/{files…, manifest.json}` and `<directory>/stages.json`. A version becomes visible
 * by one rename of a synced directory, so it is there whole or not at all; the stages file is replaced likewise, by one
 * process at a time: a lock file lies beside it meanwhile.
 */
export function createFileModelRegistry(
  directory: string,
  clock: Clock,
  { patienceMs = PATIENCE_MS }: { readonly patienceMs?: number } = {},
): ModelRegistry {
  const stagesPath = join(directory, STAGES_FILE);
  // Changes run one after another, so that two of them cannot read the same stages and undo each other.
  let lastChange: Promise<unknown> = Promise.resolve();
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = lastChange.then(change, change);
    lastChange = done.catch(() => undefined);
    return done;
  }

  function pathOf(version: string): string {
    if (!VERSION.test(version)) throw new SentinelError('NOT_FOUND', { what: 'Model version', id: version });
    return join(directory, version);
  }

  async function versions(): Promise<string[]> {
    try {
      return (await readdir(directory)).filter((name) => VERSION.test(name)).sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  async function readStages(): Promise<Record<string, ModelStage>> {
    let text: string;
    try {
      text = await readFile(stagesPath, 'utf8');
    } catch (error) {
      if (isMissing(error)) return {};
      throw error;
    }
    return parseStages(text, stagesPath);
  }

  async function readManifest(version: string): Promise<Manifest> {
    const path = join(pathOf(version), MANIFEST_FILE);
    try {
      return decodeManifest(await readFile(path), version, path);
    } catch (error) {
      if (codeOf(error) === 'ENOTDIR') {
        const problem = 'is a file, a directory is expected; move it away';
        throw new SentinelError('ARTIFACT_INVALID', { path: pathOf(version), problem }, error);
      }
      if (!isMissing(error)) throw error;
      if (!(await versions()).includes(version)) {
        throw new SentinelError('NOT_FOUND', { what: 'Model version', id: version });
      }
      throw new SentinelError('ARTIFACT_INVALID', { path, problem: 'missing' }, error);
    }
  }

  async function save(
    version: string,
    files: ReadonlyMap<string, Uint8Array>,
    metrics: Readonly<Record<string, number>>,
  ): Promise<void> {
    const target = pathOf(version);
    for (const name of files.keys()) {
      if (!FILE_NAME.test(name) || name === MANIFEST_FILE) {
        throw new SentinelError('ARTIFACT_INVALID', { path: join(target, name), problem: 'not a usable file name' });
      }
    }
    await mkdir(directory, { recursive: true });
    const refuseSecond = (): never => {
      throw new SentinelError('ARTIFACT_INVALID', { path: target, problem: 'this version exists already' });
    };
    if ((await versions()).includes(version)) refuseSecond();
    const draft = await mkdtemp(join(directory, '.draft-'));
    const settled = atExit(() => rmSync(draft, { recursive: true, force: true }));
    try {
      await writingTo(target, async () => {
        for (const [name, bytes] of files) await writeSynced(join(draft, name), bytes);
        await writeSynced(join(draft, MANIFEST_FILE), encodeManifest(version, clock.nowMs(), files, metrics));
      });
      await syncDirectory(draft);
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      // Another process was the first, meanwhile.
      if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') refuseSecond();
      throw error;
    } finally {
      settled();
    }
    await syncDirectory(directory);
  }

  /** What the manifest says, or for a damaged one its version alone and why. */
  async function describe(version: string): Promise<Omit<ModelEntry, 'stage'>> {
    try {
      const { createdMs, metrics } = await readManifest(version);
      return { version, createdMs, metrics };
    } catch (error) {
      if (!(error instanceof SentinelError) || error.code !== 'ARTIFACT_INVALID') throw error;
      return { version, createdMs: momentOf(version), metrics: {}, problem: error.message };
    }
  }

  async function takeStages(): Promise<Lock> {
    for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
      try {
        return takeLock(directory, STAGES_LOCK);
      } catch (error) {
        if (codeOf(error) !== 'ALREADY_RUNNING' || waitedMs >= patienceMs) throw error;
      }
      await delay(LOOK_MS);
    }
  }

  async function setStage(version: string, stage: ModelStage): Promise<void> {
    pathOf(version);
    // What is damaged can still be put away.
    if (stage !== 'archived' || !(await versions()).includes(version)) await readManifest(version);
    const lock = await takeStages();
    try {
      const stages = await readStages();
      const former = Object.keys(stages).filter((other) => stages[other] === 'production');
      if (stage === 'production') for (const other of former) stages[other] = 'archived';
      stages[version] = stage;
      await replaceFile(stagesPath, new TextEncoder().encode(`${JSON.stringify(stages, null, 2)}\n`));
    } finally {
      lock.release();
    }
  }

  return {
    async list() {
      const stages = await readStages();
      const described = await Promise.all((await versions()).reverse().map(describe));
      return described.map((entry): ModelEntry => ({ ...entry, stage: stages[entry.version] ?? 'none' }));
    },
    async production() {
      const stages = await readStages();
      return (await versions()).find((version) => stages[version] === 'production');
    },
    async load(version) {
      const manifest = await readManifest(version);
      const files = new Map<string, Uint8Array>();
      for (const entry of manifest.files) {
        const path = join(pathOf(version), basename(entry.name));
        const bytes = await readFile(path).catch((error: unknown) => {
          if (!isMissing(error)) throw error;
          throw new SentinelError('ARTIFACT_INVALID', { path, problem: 'missing' }, error);
        });
        verifyFile(entry, bytes, path);
        files.set(entry.name, new Uint8Array(bytes));
      }
      return files;
    },
    save: (version, files, metrics) => inTurn(() => save(version, files, metrics)),
    setStage: (version, stage) => inTurn(() => setStage(version, stage)),
  };
}
