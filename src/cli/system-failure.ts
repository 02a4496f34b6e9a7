/** Failures of the operating system in words: what stands in the way at which path, and what to do about it. */

interface Failure {
  readonly problem: string;
  readonly remedy: string;
}

const NO_PERMISSION: Failure = {
  problem: 'this user has no permission',
  remedy: 'Give this user the right to it, or name another place.',
};
const NO_ROOM: Failure = {
  problem: 'there is no room left',
  remedy: 'Make room there or name another place, then run the command again.',
};

/** By the code that the system gives. Source: POSIX.1-2017, System Interfaces, “Error Numbers”. */
const FAILURES: Readonly<Record<string, Failure>> = {
  EACCES: NO_PERMISSION,
  EPERM: NO_PERMISSION,
  EROFS: { problem: 'it can only be read there', remedy: 'Name another place, or have it made writable.' },
  ENOTDIR: {
    problem: 'a file is where a directory is expected',
    remedy: 'Name another place, or move that file away.',
  },
  // Of all that is made here only directories are made where something else may be.
  EEXIST: {
    problem: 'something that is no directory is there already',
    remedy: 'Name another place, or move it away.',
  },
  EISDIR: { problem: 'a directory is where a file is expected', remedy: 'Name a file.' },
  ENOSPC: NO_ROOM,
  EDQUOT: NO_ROOM,
  EFBIG: {
    problem: 'it would be larger than is allowed',
    remedy: 'Raise the limit of this user or file system (ulimit -f tells it), or name another place.',
  },
};

/** What to say of an error that is none of ours. */
export function inWords(error: unknown): { readonly message: string; readonly remedy: string } {
  const { code = '', path, syscall = '' } = (error instanceof Error ? error : {}) as NodeJS.ErrnoException;
  // Failures of an open file name no path; those of a network share some of the codes.
  const isOfFile = path !== undefined || syscall === 'read' || syscall === 'write';
  const failure = isOfFile && Object.hasOwn(FAILURES, code) ? FAILURES[code] : undefined;
  if (failure === undefined) {
    const message = error instanceof Error ? error.message : String(error);
    return { message, remedy: 'LOG_LEVEL=debug shows where it failed.' };
  }
  const { problem, remedy } = failure;
  return { message: `${path ?? 'A file'}: ${problem} (${[code, syscall].filter(Boolean).join(', ')})`, remedy };
}
