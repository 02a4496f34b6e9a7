/** Backups of everything that cannot be made again, and their way back; each is there whole or not at all. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readChainKey } from '../adapters/segments/chain-key.ts';
import { copyJournal } from '../adapters/segments/copy.ts';
import { type Config } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';
import { type JournalHead } from '../ports/journal.ts';
import { chainKeyOf, DATA, holderOf } from './data-directory.ts';

const MANIFEST = 'backup.json';
const FORMAT = 1;

export interface BackupManifest {
  readonly format: number;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly codeVersion: string;
  readonly head: JournalHead;
  /** By path within the backup, forward slashes. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

type Places = Pick<Config, 'dataDir' | 'modelsDir' | 'policyFile' | 'keysFile'>;

/** Where each part of an installation lies, and where in the backup. */
function parts({ dataDir, modelsDir, policyFile, keysFile }: Places): readonly (readonly [inBackup: string, at: string])[] {
  return [
    [DATA.snapshots, join(dataDir, DATA.snapshots)],
    [DATA.tokenKey, join(dataDir, DATA.tokenKey)],
    [DATA.chainKey, join(dataDir, DATA.chainKey)],
    ...(policyFile === '' ? [] : [['policy.yaml', policyFile] as const]),
    ...(keysFile === '' ? [] : [['keys.json', keysFile] as const]),
    ['models', modelsDir],
  ];
} // prettier-ignore

/**
 * Writes a backup to `directory`, which must not exist or be empty; the service may run meanwhile. Throws
 * JOURNAL_CORRUPT when the journal is damaged: a copy of damage is no backup.
 */
export async function backUp(
  places: Places,
  directory: string,
  facts: Pick<BackupManifest, 'createdAt' | 'codeVersion'>,
  signal: AbortSignal,
): Promise<BackupManifest> {
  await refuseContent(directory, 'a backup needs a directory of its own');
  const key = await chainKeyOf(places.dataDir);
  return wholeOrNothing(directory, async (draft) => {
    // Before the journal, so that no snapshot in the backup is ahead of it.
    for (const [inBackup, at] of parts(places)) {
      signal.throwIfAborted();
      if (existsSync(at)) await copyPart(at, join(draft, inBackup));
    }
    const head = await copyJournal({ from: join(places.dataDir, DATA.journal), to: join(draft, DATA.journal), key });
    const manifest = { format: FORMAT, ...facts, head, files: await fingerprints(draft, signal) };
    await writeFile(join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  });
}

/** Snapshots come and go while the service runs: one that is gone was superseded. Half-written files are left out. */
async function copyPart(from: string, to: string): Promise<void> {
  if ((await stat(from)).isFile()) {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    return copyFile(from, to);
  }
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of (await readdir(from)).filter((entry) => !entry.startsWith('.') && !entry.includes('.tmp'))) {
    await cp(join(from, name), join(to, name), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

export interface Restored {
  readonly manifest: BackupManifest;
  /** What stood in the way and was moved aside, not deleted. */
  readonly movedAside: readonly string[];
}

/**
 * Checks the backup, then puts its parts in their places. USAGE when something is there already and `replace` is
 * false, ALREADY_RUNNING while a service uses the data directory. The ledger is made again at the next start.
 */
export async function restore(
  places: Places,
  directory: string,
  { replace, stamp, signal }: { readonly replace: boolean; readonly stamp: string; readonly signal: AbortSignal },
): Promise<Restored> {
  const manifest = await checkedManifest(directory, signal);
  const pid = holderOf(places.dataDir);
  if (pid !== undefined) throw new SentinelError('ALREADY_RUNNING', { path: places.dataDir, pid });
  const targets = [
    [DATA.journal, join(places.dataDir, DATA.journal)] as const,
    ...parts(places).filter(([inBackup]) => inBackup !== DATA.chainKey),
  ].filter(([inBackup]) => existsSync(join(directory, inBackup)));
  // What a ledger was projected from is replaced, so it goes aside too.
  const standing = [...targets.map(([, at]) => at), join(places.dataDir, DATA.ledger)].filter((at) => existsSync(at));
  if (standing.length > 0 && !replace) {
    throw new SentinelError('USAGE', { problem: `${standing.join(', ')} would be replaced; --yes moves it aside` });
  }
  for (const [inBackup, at] of targets) {
    signal.throwIfAborted();
    await rm(`${at}.restoring`, { recursive: true, force: true });
    await copyPart(join(directory, inBackup), `${at}.restoring`);
  }
  for (const at of standing) await rename(at, `${at}.before-${stamp}`);
  for (const [, at] of targets) await rename(`${at}.restoring`, at);
  return { manifest, movedAside: standing.map((at) => `${at}.before-${stamp}`) };
}

/** The manifest of a backup of which every file is as it was written. */
async function checkedManifest(directory: string, signal: AbortSignal): Promise<BackupManifest> {
  const path = join(directory, MANIFEST);
  const unreadable = (file: string, problem: string): SentinelError =>
    new SentinelError('DATA_UNREADABLE', { file, problem });
  if (!existsSync(path)) throw unreadable(path, 'this is no backup, or it was not finished');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as BackupManifest; // written by backUp; checked against the files below
  if (manifest.format !== FORMAT) throw unreadable(path, `format ${manifest.format}, expected ${FORMAT}`);
  const found = await fingerprints(directory, signal);
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const file = join(directory, name);
    if (found[name] === undefined) throw unreadable(file, 'the file is missing from the backup');
    if (found[name].bytes !== bytes || found[name].sha256 !== sha256) throw unreadable(file, 'it was changed since the backup');
  }
  if ((await readChainKey(join(directory, DATA.chainKey))) === undefined) {
    throw unreadable(join(directory, DATA.chainKey), 'the key file is missing from the backup');
  }
  return manifest;
} // prettier-ignore

async function fingerprints(directory: string, signal: AbortSignal): Promise<BackupManifest['files']> {
  const files: Record<string, { bytes: number; sha256: string }> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    signal.throwIfAborted();
    const path = join(entry.parentPath, entry.name);
    const name = relative(directory, path).replaceAll('\\', '/');
    if (!entry.isFile() || name === MANIFEST) continue;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    files[name] = { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
  }
  return files;
}

async function refuseContent(directory: string, reason: string): Promise<void> {
  const there = existsSync(directory) ? await readdir(directory) : [];
  if (there.length > 0) throw new SentinelError('USAGE', { problem: `${directory} is not empty; ${reason}` });
}

/** Runs `write` on a draft beside `directory` and puts it in place when it is whole. */
async function wholeOrNothing<T>(directory: string, write: (draft: string) => Promise<T>): Promise<T> {
  const draft = `${directory.replace(/[/\\]+$/, '')}.partial`;
  await rm(draft, { recursive: true, force: true });
  try {
    await mkdir(draft, { recursive: true, mode: 0o700 });
    const result = await write(draft);
    await rm(directory, { recursive: true, force: true }); // empty, as checked before
    await rename(draft, directory);
    return result;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}
