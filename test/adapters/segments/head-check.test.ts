import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkHead, checkSegments } from '../../../src/adapters/segments/head-check.ts';
import { segmentPath } from '../../../src/adapters/segments/segment-files.ts';
import { aDirectory } from '../../support/directories.ts';
import { aJournalOf, appendEach, blockOffsets, edit, files, keyOf, openSmall } from '../../support/journals.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

describe('a check of the segments', () => {
  it('finds nothing in a journal that is new, running or closed, or that has dropped its beginning', async () => {
    const directory = aDirectory();
    const journal = await openSmall(directory);
    const check = async (): Promise<void> => checkSegments(directory, await keyOf(directory));
    await check();
    await appendEach(journal, 90);
    await check();
    await journal.dropBefore(journal.segments()[1]!.lastSeq + 1);
    await check();
    await journal.close();
    await check();
    expect(await checkHead(directory, await keyOf(directory))).toEqual({ head: journal.head() });
  });

  it('finds what a start refuses: a segment that is missing, empty, foreign or of another name', async () => {
    const cases: [string, (directory: string) => void][] = [
      ['the segment is missing', (directory) => rmSync(segmentPath(directory, 2))],
      ['the segment is empty though another follows', (directory) => edit(directory, 2, (bytes) => bytes.fill(0))],
      ['this is no segment', (directory) => edit(directory, 2, (bytes) => bytes.fill(7))],
      ['header does not match its MAC', (directory) => edit(directory, 2, (bytes) => void (bytes[20]! ^= 1))],
      ['the file is segment 1', (directory) => copyFileSync(segmentPath(directory, 1), segmentPath(directory, 2))],
      ['the segment is empty or missing, but was written before', loseEnd],
    ];
    for (const [problem, damage] of cases) {
      const directory = aDirectory();
      await aJournalOf(directory, 60);
      damage(directory);
      await expect(checkSegments(directory, await keyOf(directory))).rejects.toThrow(problem);
      await expect(openSmall(directory)).rejects.toThrow(problem);
    }
  });

  it('finds a segment of another history under the same key that begins before the one it follows', async () => {
    const [directory, other] = [aDirectory(), aDirectory()];
    await aJournalOf(directory, 90);
    copyFileSync(join(directory, 'chain.key'), join(other, 'chain.key'));
    const journal = await openSmall(other);
    for (let index = 0; index < 20; index += 1) await journal.append(aDecisionOf(`t${index}`.repeat(300))).committed;
    await journal.close();
    copyFileSync(segmentPath(other, 3), segmentPath(directory, 3));
    await expect(checkSegments(directory, await keyOf(directory))).rejects.toThrow('not behind the segment before');
  });
});

/** Removes the last segment with records and the one made ready behind it. */
function loseEnd(directory: string): void {
  const numbers = files(directory, '.log').map((_, index) => index + 1);
  for (const number of numbers.toReversed()) {
    const isBegun = blockOffsets(directory, number).length > 0;
    rmSync(segmentPath(directory, number));
    if (isBegun) return;
  }
}
