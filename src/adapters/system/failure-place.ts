/** Says where a failure of the operating system was: those of an open file name no path. */

/** What is done with an open file to fill it. */
const WRITES: ReadonlySet<unknown> = new Set(['write', 'ftruncate', 'fsync', 'fdatasync']);

/** The same error, naming `path`; errors of other kinds are left as they are. */
export function at(path: string, error: unknown): unknown {
  const isOfSystem = error instanceof Error && 'syscall' in error;
  return isOfSystem ? Object.assign(error, { path }) : error;
}

/** Runs `write`; where it fails at an open file, that is said to be at `path`. */
export async function writingTo<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { syscall, path: named } = error as NodeJS.ErrnoException; // of any other error both are undefined
    throw named === undefined && WRITES.has(syscall) ? at(path, error) : error;
  }
}
