import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { writeAtomically } from '../../../src/adapters/segments/atomic-file.ts';
import { aDirectory } from '../../support/directories.ts';
import { undoAsAtExit } from '../../support/exits.ts';

it('leaves no draft when the process ends without waiting', async () => {
  const directory = aDirectory();
  const writing = writeAtomically(join(directory, 'file'), [new Uint8Array(128 * 1024 * 1024)]).catch(() => 'ended');
  await vi.waitFor(() => expect(readdirSync(directory)).not.toEqual([]), { interval: 1 });
  undoAsAtExit();
  expect(readdirSync(directory)).toEqual([]);
  expect(await writing).toBe('ended');
});
