/** What a build is made from, by content: so that a build is as old as its sources, whatever their dates say. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');
export const BUILT = join(ROOT, 'dist', '.sources.json');
const FOLDERS = ['src', 'bench'];
/** What else the output depends on: its version, how it is compiled, and the compiler. */
const FILES = [
  'package.json',
  'tsconfig.json',
  'scripts/transpile.mjs',
  'scripts/compile-kernels.mjs',
  'package-lock.json',
];

/** Path from the root → hash of its content. */
export function sourceHashes() {
  const paths = [
    ...FOLDERS.flatMap((folder) => filesUnder(join(ROOT, folder))),
    ...FILES.map((file) => join(ROOT, file)),
  ];
  return Object.fromEntries(
    paths.map((path) => [relative(ROOT, path), createHash('sha256').update(readFileSync(path)).digest('base64')]),
  );
}

/** The hashes of the sources that dist was built from; none before the first build. */
export function builtHashes() {
  return existsSync(BUILT) ? JSON.parse(readFileSync(BUILT, 'utf8')) : {};
}

/** Paths whose content is not what `before` says, or that are gone. */
export function changedPaths(before, now) {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((path) => before[path] !== now[path]);
}

/** Everything but prose. */
function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return path.endsWith('.md') ? [] : [path];
  });
}
