/** A directory with a small submission, and the command line run in it as a process of its own. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

export const SUBMISSION = `data:
  generate: {rows: 3000, users: 150, fraud-share: 0.15, seed: 3, out: data/payments.parquet}
train: {learners: [tree], replicates: 0}
evaluate: {replicates: 0}
test: {averagePrecision: 0.1}
deploy: {}
`;

export interface PipelineDirectory {
  readonly write: (name: string, text: string) => void;
  readonly run: (...words: readonly string[]) => {
    readonly exitCode: number;
    readonly out: string;
    readonly err: string;
  };
}

export function aPipeline(directory: string, submission = SUBMISSION): PipelineDirectory {
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  mkdirSync(directory, { recursive: true });
  write('submission.yml', submission);
  const loader = join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs');
  write('sentinel', `#!/bin/sh\nexec node --import ${loader} ${join(ROOT, 'src', 'cli', 'main.ts')} "$@"\n`);
  chmodSync(join(directory, 'sentinel'), 0o755);
  return {
    write,
    run(...words) {
      const { status, stdout, stderr } = spawnSync('./sentinel', words, { cwd: directory, encoding: 'utf8' });
      return { exitCode: status ?? -1, out: stdout, err: stderr };
    },
  };
}
