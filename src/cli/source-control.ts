/** The commit that the running program is from. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GIT_TIMEOUT_MS = 5_000;

export interface SourceCommit {
  readonly commit?: string;
  /** The work tree differs from it. */
  readonly modified?: boolean;
}

/** Of the directory given, by default the program's own; nothing when it is in no repository or git is not there. */
export async function sourceCommit(directory: string = import.meta.dirname): Promise<SourceCommit> {
  const git = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await run('git', ['-C', directory, ...words], { timeout: GIT_TIMEOUT_MS });
    return stdout.trim();
  };
  try {
    const commit = await git('rev-parse', 'HEAD');
    return { commit, modified: (await git('status', '--porcelain', '--untracked-files=no')) !== '' };
  } catch {
    return {}; // a program without a repository is no failure
  }
}
