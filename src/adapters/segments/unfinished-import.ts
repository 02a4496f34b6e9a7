/** The mark of a journal that is being imported: what an interrupted import has left is not to be taken for whole. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SentinelError } from '../../domain/errors.ts';
import { writeAtomically } from './atomic-file.ts';
import { syncDirectory } from './disk.ts';

const markIn = (directory: string): string => join(directory, 'importing');

/** Throws JOURNAL_UNFINISHED. */
export function refuseUnfinishedImport(directory: string): void {
  if (existsSync(markIn(directory))) throw new SentinelError('JOURNAL_UNFINISHED', { place: directory });
}

export async function markUnfinished(directory: string): Promise<void> {
  await writeAtomically(markIn(directory), []);
}

export async function markFinished(directory: string): Promise<void> {
  if (!existsSync(markIn(directory))) return;
  await rm(markIn(directory));
  await syncDirectory(directory);
}
