/** Backups of everything that cannot be made again, and their way back; each is there whole or not at all. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readChainKey } from '../adapters/segments/chain-key.ts';
import { atExit } from '../adapters/system/at-exit.ts';
import { type Config, flagOf } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';
import { type JournalHead } from '../ports/journal.ts';
import { type JournalSurvey } from '../usecases/survey-frames.ts';
import { copyPart, STAGED } from './copy-part.ts';
import { DATA } from './data-directory.ts';
import { type JournalHome } from './journal-home.ts';
import { isNoContent, realPathOf, renameAll, wholeOrNothing } from './whole-or-nothing.ts';

const MANIFEST = 'backup.json';
const SETTINGS = 'settings.json';
const FORMAT = 1;

export interface BackupManifest {
  readonly format: number;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly codeVersion: string;
  /** Where the chain of the saved journal ends. */
  readonly head: JournalHead;
  readonly journal: JournalSurvey;
  /** By path within the backup, forward slashes. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

type Places = Pick<Config, 'dataDir' | 'modelsDir' | 'policyFile' | 'keysFile'>;

/** Files that lie where the configuration says, by their names in the backup. */
const CONFIGURED = [
  ['policy.yaml', 'policyFile'],
  ['keys.json', 'keysFile'],
] as const;

/** Where each part of an installation beside its journal lies, and where in the backup. */
function parts(places: Places): readonly (readonly [inBackup: string, at: string])[] {
  const configured = CONFIGURED.map(([inBackup, setting]) => [inBackup, places[setting]] as const);
  return [
    [DATA.tokenKey, join(places.dataDir, DATA.tokenKey)],
    ...configured.filter(([, at]) => at !== ''),
    ['models', places.modelsDir],
  ];
}

export interface Saved {
  readonly manifest: BackupManifest;
  /** What is not there, so that the backup has none of it. */
  readonly leftOut: readonly string[];
}

/**
 * Writes a backup to `directory`, which must not exist or be empty; the service may run meanwhile. `settings` are those it
 * runs with, without secrets: for whoever restores, who may need others. Throws JOURNAL_CORRUPT when the journal is
 * damaged: a copy of damage is no backup; USAGE when a configured file is missing.
 */
export async function backUp(
  places: Places,
  home: JournalHome,
  directory: string,
  facts: Pick<BackupManifest, 'createdAt' | 'codeVersion'> & { readonly settings: Readonly<Record<string, unknown>> },
  signal: AbortSignal,
): Promise<Saved> {
  const copied = [...home.replaces.map((name) => join(places.dataDir, name)), ...parts(places).map(([, at]) => at)];
  const around = copied.find((at) => `${realPathOf(directory)}${sep}`.startsWith(`${realPathOf(at)}${sep}`));
  if (around !== undefined) {
    throw new SentinelError('USAGE', { problem: `${directory} lies in ${around}, which is copied itself; choose a directory outside` }); // prettier-ignore
  }
  for (const [, setting] of CONFIGURED) {
    const at = places[setting];
    if (at !== '' && !existsSync(at)) throw new SentinelError('USAGE', { problem: `${flagOf(setting)}: ${at} does not exist` });
  }
  const leftOut = parts(places).map(([, at]) => at).filter((at) => !existsSync(at));
  const manifest = await wholeOrNothing(directory, MANIFEST, async (draft) => {
    const { settings, ...made } = facts;
    await writeFile(join(draft, SETTINGS), `${JSON.stringify(settings, null, 2)}\n`);
    for (const [inBackup, at] of parts(places)) {
      if (!leftOut.includes(at)) await copyPart(at, join(draft, inBackup), signal);
    }
    const saved = await home.save(draft, signal);
    const whole = { format: FORMAT, ...made, ...saved, files: await fingerprints(draft, signal) };
    await writeFile(join(draft, MANIFEST), `${JSON.stringify(whole, null, 2)}\n`);
    return whole;
  });
  return { manifest, leftOut };
} // prettier-ignore

export interface Restored {
  readonly manifest: BackupManifest;
  /** What stood in the way and was moved aside, not deleted. */
  readonly movedAside: readonly string[];
  /** Files of the backup for which the configuration has no place, each with the option that names one. */
  readonly notRestored: readonly { readonly file: string; readonly option: string }[];
}

/**
 * Checks the backup, then puts its parts in their places. USAGE when something is there already and `replace` is
 * false, ALREADY_RUNNING while a service uses the data directory. The ledger is made again at the next start.
 */
export async function restore(
  places: Places,
  home: JournalHome,
  directory: string,
  { replace, stamp, signal }: { readonly replace: boolean; readonly stamp: string; readonly signal: AbortSignal },
): Promise<Restored> {
  const manifest = await checkedManifest(directory, signal);
  const aside = (at: string): string => `${at}.before-${stamp}`;
  const lock = home.hold();
  try {
    const others = parts(places).filter(([inBackup]) => existsSync(join(directory, inBackup)));
    // What a ledger was projected from is replaced, so it goes aside too. The journal is
    // last: what ends the process before leaves the one that was there.
    const replaced = [
      ...others.map(([, at]) => at),
      ...[DATA.ledger, ...home.replaces].map((name) => join(places.dataDir, name)),
    ];
    const standing = replaced.filter((at) => existsSync(at));
    if (standing.length > 0 && !replace) {
      throw new SentinelError('USAGE', { problem: `${standing.join(', ')} would be replaced; --yes moves it aside` });
    }
    const clear = async (): Promise<void> => {
      for (const at of replaced) await rm(at + STAGED, { recursive: true, force: true });
    };
    await clear(); // of one that was killed
    const settled = atExit(() => {
      for (const at of replaced) rmSync(at + STAGED, { recursive: true, force: true });
    });
    try {
      for (const [inBackup, at] of others) {
        await copyPart(join(directory, inBackup), at + STAGED, signal);
      }
      await home.stage(directory, signal);
      await renameAll(
        replaced.flatMap((at) => [
          ...(standing.includes(at) ? [[at, aside(at)] as const] : []),
          ...(existsSync(at + STAGED) ? [[at + STAGED, at] as const] : []),
        ]),
      );
    } catch (error) {
      await clear(); // it holds keys, and may be what has filled the disk
      throw error;
    } finally {
      settled();
    }
    return { manifest, movedAside: standing.map(aside), notRestored: withoutPlace(places, directory) };
  } finally {
    lock.release();
    lock.release(aside(join(places.dataDir, DATA.journal)));
  }
}

function withoutPlace(places: Places, directory: string): Restored['notRestored'] {
  return CONFIGURED.filter(([, setting]) => places[setting] === '')
    .map(([inBackup, setting]) => ({ file: join(directory, inBackup), option: flagOf(setting)! }))
    .filter(({ file }) => existsSync(file));
}

/** The manifest of a backup of which every file is as it was written, and which holds no other. */
async function checkedManifest(directory: string, signal: AbortSignal): Promise<BackupManifest> {
  const path = join(directory, MANIFEST);
  const unreadable = (file: string, problem: string): SentinelError =>
    new SentinelError('DATA_UNREADABLE', { file, problem });
  if (!existsSync(path)) throw unreadable(path, 'this is no backup, or it was not finished');
  const manifest = parsedManifest(await readFile(path, 'utf8'));
  if (manifest === undefined) throw unreadable(path, 'it is damaged; take another backup');
  if (manifest.format !== FORMAT) throw unreadable(path, `format ${manifest.format}, expected ${FORMAT}`);
  const found = await fingerprints(directory, signal);
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const file = join(directory, name);
    if (found[name] === undefined) throw unreadable(file, 'the file is missing from the backup');
    if (found[name].bytes !== bytes || found[name].sha256 !== sha256) throw unreadable(file, 'it was changed since the backup');
  }
  const unlisted = Object.keys(found).filter((name) => !Object.hasOwn(manifest.files, name));
  if (unlisted.length > 0) throw unreadable(unlisted.map((name) => join(directory, name)).join(', '), 'not in the list of the backup');
  if ((await readChainKey(join(directory, DATA.chainKey))) === undefined) {
    throw unreadable(join(directory, DATA.chainKey), 'the key file is missing from the backup');
  }
  return manifest;
} // prettier-ignore

/** Undefined when the text is not what `backUp` writes; its files are checked by their fingerprints. */
function parsedManifest(text: string): BackupManifest | undefined {
  try {
    const manifest = JSON.parse(text) as BackupManifest;
    const isWhole = Object.values(manifest.files).every(({ sha256 }) => typeof sha256 === 'string');
    return isWhole && typeof manifest.head.seq === 'number' ? manifest : undefined;
  } catch {
    return undefined; // no JSON, or without what is read above
  }
}

/** Of a link: no backup is made with one, and to follow it would be to restore what lies elsewhere. */
const NO_FILE = { bytes: 0, sha256: '' };

async function fingerprints(directory: string, signal: AbortSignal): Promise<BackupManifest['files']> {
  const files: Record<string, { bytes: number; sha256: string }> = {};
  const top = (await readdir(directory, { withFileTypes: true })).filter(({ name }) => !isNoContent(name));
  const below = top.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name));
  const deep = await Promise.all(below.map((at) => readdir(at, { recursive: true, withFileTypes: true })));
  for (const entry of [...top, ...deep.flat()]) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(directory, path).replaceAll('\\', '/');
    if (entry.isDirectory() || name === MANIFEST) continue;
    if (!entry.isFile()) {
      files[name] = NO_FILE;
      continue;
    }
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash, { signal });
    files[name] = { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
  }
  return files;
}
