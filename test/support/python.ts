/** A Python environment of its own for a test, with packages from PyPI. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export const runProgram = (command: string, ...words: readonly string[]): string =>
  execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** The folder of its programs, `python` among them; `ready` names one that has the packages already. */
export function pythonWith(directory: string, packages: readonly string[], ready?: string): string {
  if (ready !== undefined) return ready;
  runProgram('python3', '-m', 'venv', join(directory, 'venv'));
  const programs = join(directory, 'venv', 'bin');
  runProgram(join(programs, 'python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages);
  return programs;
}
