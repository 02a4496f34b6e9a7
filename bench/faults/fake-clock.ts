/** A clock of one process that jumps at will, by libfaketime. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FakeClock {
  /** What a process is started with to live by it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Seconds from the true time, from now on. */
  set(offsetSeconds: number): void;
}

/** Debian's place, one folder an architecture. */
const LIBRARIES = '/usr/lib';
const LIBRARY = join('faketime', 'libfaketimeMT.so.1');
/** How long a process goes by what it last read. */
const CACHE_SECONDS = 1;

/** Undefined where libfaketime is not installed. */
export function openFakeClock(directory: string): FakeClock | undefined {
  const folders = existsSync(LIBRARIES) ? readdirSync(LIBRARIES) : [];
  const library = folders.map((folder) => join(LIBRARIES, folder, LIBRARY)).find((path) => existsSync(path));
  if (library === undefined) return undefined;
  const file = join(directory, 'clock');
  const set = (seconds: number): void => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  set(0);
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: String(CACHE_SECONDS),
      FAKETIME_DONT_FAKE_MONOTONIC: '1', // as on a machine: only the time of day jumps
    },
    set,
  };
}
