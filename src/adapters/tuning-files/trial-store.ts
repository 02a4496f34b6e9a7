/** The trials of a study in one file: what is tuned on the first line, then a trial a line. */
import { mkdir, open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SentinelError } from '../../domain/errors.ts';
import { type TrialStore } from '../../ports/trial-store.ts';
import { type Trial } from '../../training/tuning/study.ts';

const FORMAT = 1;

/**
 * Opens or begins the study of `path`. `identity` is all that makes trials comparable: learner, data, folds, seed. A
 * last line cut short by a crash is dropped. USAGE when the file holds another study.
 */
export function createTrialFile(path: string, identity: Readonly<Record<string, string | number>>): TrialStore {
  const head = JSON.stringify({ format: FORMAT, ...identity });
  /** One write at a time, so that lines never mix. */
  let last: Promise<unknown> = Promise.resolve();
  const write = (line: string): Promise<void> => {
    const written = last.then(async () => {
      const file = await open(path, 'a');
      try {
        await file.writeFile(`${line}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
    });
    last = written.catch(() => undefined);
    return written;
  };

  return {
    async load() {
      await mkdir(dirname(path), { recursive: true });
      const text = await readFile(path, 'utf8').catch(missingAsEmpty);
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole));
      const [found, ...lines] = whole.split('\n').slice(0, -1);
      if (found === undefined) {
        await write(head);
        return [];
      }
      if (found !== head) {
        throw new SentinelError('USAGE', {
          problem: `${path} holds trials of another study (${found}); name another directory with --out`,
        });
      }
      return lines.map((line, index) => parseTrial(path, line, index + 2));
    },
    append: (trial) => write(JSON.stringify(trial)),
  };
}

function missingAsEmpty(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}

function parseTrial(path: string, line: string, number: number): Trial {
  try {
    return JSON.parse(line) as Trial; // written by `append` under the same identity
  } catch (cause) {
    throw new SentinelError('DATA_UNREADABLE', { file: path, problem: `line ${number} is damaged` }, cause);
  }
}
