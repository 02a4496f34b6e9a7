/** Archives that cannot be brought, and that they leave nothing. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { segmentPath } from '../../../src/adapters/segments/segment-files.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { aDirectory } from '../../support/directories.ts';
import { aJournalOf, edit } from '../../support/journals.ts';
import { ran } from '../../support/command-lines.ts';

async function anArchive(): Promise<string> {
  const archive = aDirectory();
  await aJournalOf(archive, 90);
  return archive;
}

const swap = (archive: string): void => {
  const [second, third] = [segmentPath(archive, 2), segmentPath(archive, 3)];
  renameSync(second, `${second}.aside`);
  renameSync(third, second);
  renameSync(`${second}.aside`, third);
};

describe('sentinel journal import', () => {
  it.each<[string, (archive: string) => void, RegExp]>([
    ['is damaged', (archive) => edit(archive, 2, (bytes) => void (bytes[1_000]! ^= 1)), /segment-0000000002\.log/],
    ['lacks a segment', (archive) => rmSync(segmentPath(archive, 2)), /segment-0000000002\.log.* is missing/],
    ['has segments in another order', swap, /segment-0000000002\.log/],
    [
      'is of a newer format',
      (archive) => edit(archive, 1, (bytes) => void (bytes[8]! += 1)),
      /segment-0000000001\.log.* format 2 is not known/,
    ],
  ])('leaves nothing, not even a key, of an archive that %s', async (_, damage, told) => {
    const archive = await anArchive();
    damage(archive);
    const dataDir = join(aDirectory(), 'data');
    const { exitCode, err } = await ran(`journal import ${archive} --data-dir ${dataDir}`, COMMANDS);
    expect({ exitCode, err }).toMatchObject({ exitCode: 1, err: expect.stringMatching(told) as string });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('brings a whole one under a key of its own, and nothing the second time', async () => {
    const archive = await anArchive();
    const dataDir = join(aDirectory(), 'data');
    const { out } = await ran(`journal import ${archive} --data-dir ${dataDir}`, COMMANDS);
    expect(out).toContain('90 records of');
    expect(readdirSync(join(dataDir, 'journal'))).toContain('chain.key');
    const again = await ran(`journal import ${archive} --data-dir ${dataDir}`, COMMANDS);
    expect(again).toMatchObject({ exitCode: 0, out: expect.stringContaining('0 records of') as string });
  });
});
