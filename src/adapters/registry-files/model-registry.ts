/** The model registry as files: a directory per version, checksums beside them, stages in one small file. */
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SentinelError } from '../../domain/errors.ts';
import { type Clock } from '../../ports/clock.ts';
import { type ModelEntry, type ModelRegistry, type ModelStage } from '../../ports/model-registry.ts';
import { decodeManifest, encodeManifest, type Manifest, MANIFEST_FILE, verifyFile } from './checksums.ts';
import { replaceFile, syncDirectory, writeSynced } from '../system/durable-files.ts';

const STAGES_FILE = 'stages.json';
const VERSION = /^v\d{8}_\d{6}$/;
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'; // fs rejects with these only

/**
 * Layout: `<directory>/<version>/{files…, manifest.json}` and `<directory>/stages.json`. A version becomes visible
 * by one rename of a synced directory, so it is there whole or not at all; the stages file is replaced likewise.
 */
export function createFileModelRegistry(directory: string, clock: Clock): ModelRegistry {
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
    try {
      return JSON.parse(text) as Record<string, ModelStage>; // written below, replaced whole
    } catch (error) {
      throw new SentinelError('ARTIFACT_INVALID', { path: stagesPath, problem: 'not readable as JSON' }, error);
    }
  }

  async function readManifest(version: string): Promise<Manifest> {
    const path = join(pathOf(version), MANIFEST_FILE);
    try {
      return decodeManifest(await readFile(path), version, path);
    } catch (error) {
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
    if ((await versions()).includes(version)) {
      throw new SentinelError('ARTIFACT_INVALID', { path: target, problem: 'this version exists already' });
    }
    const draft = await mkdtemp(join(directory, '.draft-'));
    try {
      for (const [name, bytes] of files) await writeSynced(join(draft, name), bytes);
      await writeSynced(join(draft, MANIFEST_FILE), encodeManifest(version, clock.nowMs(), files, metrics));
      await syncDirectory(draft);
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw error;
    }
    await syncDirectory(directory);
  }

  async function setStage(version: string, stage: ModelStage): Promise<void> {
    await readManifest(version);
    const stages = await readStages();
    const former = Object.keys(stages).filter((other) => stages[other] === 'production');
    if (stage === 'production') for (const other of former) stages[other] = 'archived';
    stages[version] = stage;
    await replaceFile(stagesPath, new TextEncoder().encode(`${JSON.stringify(stages, null, 2)}\n`));
  }

  return {
    async list() {
      const stages = await readStages();
      const manifests = await Promise.all((await versions()).reverse().map(readManifest));
      return manifests.map(({ version, createdMs, metrics }): ModelEntry => ({
        version,
        stage: stages[version] ?? 'none',
        createdMs,
        metrics,
      }));
    },
    async production() {
      const stages = await readStages();
      return Object.keys(stages).find((version) => stages[version] === 'production');
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
