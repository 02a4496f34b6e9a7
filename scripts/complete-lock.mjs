/**
 * Completes package-lock.json: `npm install` leaves out optional packages of other platforms when the registry in use
 * does not have them, and `npm ci` then refuses the lock everywhere. Run it after every change of dependencies.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PLATFORM = /-(darwin|linux|win32|freebsd|android|openbsd|sunos)-(x64|arm64|arm|ia32|ppc64|s390x|riscv64|loong64)(?:-(musl|gnu|glibc|msvc))?$/; // prettier-ignore

/** Where Node would look for `dependency` from the package at `path`, nearest first. */
function placesOf(path, dependency) {
  if (path === '') return [`node_modules/${dependency}`];
  const outer = path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1));
  return [`${path}/node_modules/${dependency}`, ...placesOf(outer, dependency)];
}

/** Entries for the optional platform packages that `lock` names but does not hold, by their place. */
function missingEntries({ packages }) {
  const missing = {};
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const platform = PLATFORM.exec(name);
      if (platform === null || placesOf(path, name).some((place) => place in packages)) continue;
      const [, os, cpu, libc] = platform;
      missing[`node_modules/${name}`] = {
        version: version.replace(/^[~^]/, ''),
        cpu: [cpu],
        ...(entry.dev === true && { dev: true }),
        ...(os === 'linux' && libc !== undefined && { libc: [libc === 'musl' ? 'musl' : 'glibc'] }),
        optional: true,
        os: [os],
      };
    }
  }
  return missing;
}

const file = process.argv[2] ?? join(import.meta.dirname, '..', 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = missingEntries(lock);
const names = Object.keys(missing).map((place) => place.replace('node_modules/', ''));
if (names.length > 0) {
  const entries = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(entries) }, undefined, 2)}\n`);
}
console.log(names.length === 0 ? 'The lock is complete.' : `Added ${names.join(', ')}.`);
