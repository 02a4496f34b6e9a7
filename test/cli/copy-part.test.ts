import { chmodSync, existsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { copyPart } from '../../src/cli/copy-part.ts';
import { aDirectory } from '../support/directories.ts';

it('hears Ctrl-C in the middle of a file', async () => {
  const [from, to] = [join(aDirectory(), 'large'), join(aDirectory(), 'copy')];
  writeFileSync(from, '');
  truncateSync(from, 2 ** 28);
  const interruption = new AbortController();
  const copying = copyPart(from, to, interruption.signal).catch((error: unknown) => error);
  await vi.waitFor(() => expect(existsSync(to)).toBe(true), { interval: 1 });
  interruption.abort(new DOMException('SIGINT', 'AbortError'));
  expect(await copying).toMatchObject({ name: 'AbortError' });
  expect(statSync(to).size).toBeLessThan(2 ** 28);
});

it('lets nobody read the copy who could not read the file, and everybody else', async () => {
  const directory = aDirectory();
  for (const mode of [0o600, 0o644, 0o666]) {
    const from = join(directory, `of ${mode}`);
    writeFileSync(from, 'content');
    chmodSync(from, mode);
    await copyPart(from, `${from} copied`, new AbortController().signal);
    expect(statSync(`${from} copied`).mode & 0o777).toBe(mode);
  }
});
