/** A temporary directory for as long as something runs. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from '../adapters/system/at-exit.ts';

/** Removes the directory however `work` ends, unless `keep` was called. */
export async function withScratch<T>(
  name: string,
  work: (directory: string, keep: () => void) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), `sentinel-${name}-`));
  let remove = (): void => rmSync(directory, { recursive: true, force: true });
  const settled = atExit(() => remove());
  try {
    return await work(directory, () => (remove = () => undefined));
  } finally {
    settled();
    remove();
  }
}
