/** The settings tuning found, as a file that training reads. */
import { readFile } from 'node:fs/promises';
import { SentinelError } from '../domain/errors.ts';
import { tunableOf, type TunedLearners } from '../training/tuning/learner-spaces.ts';

/** One learner's settings as text. */
export function encodeTuned(tuned: TunedLearners): string {
  return `${JSON.stringify(tuned, null, 2)}\n`;
}

/** Settings by learner. USAGE when the file cannot be read, or names what the learner does not have. */
export async function readTuned(path: string): Promise<TunedLearners> {
  const refuse = (problem: string, cause?: unknown): SentinelError =>
    new SentinelError('USAGE', { problem: `--tuned ${path}: ${problem}` }, cause);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw refuse('expected a JSON file written by sentinel tune', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('expected learners by name');
  for (const [learner, settings] of Object.entries(value)) {
    const { space } = tunableOf(learner);
    if (typeof settings !== 'object' || settings === null) throw refuse(`${learner} has no settings`);
    for (const [name, number] of Object.entries(settings)) {
      if (!Object.hasOwn(space, name)) throw refuse(`${learner} has no setting ${name}`);
      if (typeof number !== 'number') throw refuse(`${learner}.${name} is not a number`);
    }
  }
  return value as TunedLearners; // every name and number was checked above
}
