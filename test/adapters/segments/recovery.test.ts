import { readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createChainKey } from '../../../src/adapters/segments/chain-key.ts';
import { segmentPath } from '../../../src/adapters/segments/segment-files.ts';
import { aDirectory } from '../../support/directories.ts';
import {
  aJournalOf,
  appendEach,
  blockOffsets,
  edit,
  forgetIndexes,
  openSmall,
  range,
  seqsOf,
} from '../../support/journals.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

describe('a journal that was cut short', () => {
  it('loses a half-written last block, says so and goes on', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 5);
    const last = blockOffsets(directory, 1).at(-1)!;
    edit(directory, 1, (bytes) => {
      bytes.fill(0, last + 200);
    });
    const notices: string[] = [];
    const journal = await openSmall(directory, { onNotice: (text) => notices.push(text) });
    expect(notices).toEqual([expect.stringContaining(`byte ${last}: the last block was half-written`)]);
    expect(journal.nextSeq()).toBe(5);
    await appendEach(journal, 3, 5);
    expect(await seqsOf(journal)).toEqual(range(1, 7));
    await journal.close();
    const quiet: string[] = [];
    await (await openSmall(directory, { onNotice: (text) => quiet.push(text) })).close();
    expect(quiet).toEqual([]);
  });

  it('goes on in a segment whose header and first block were half-written', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 30);
    forgetIndexes(directory);
    const [first, second] = [blockOffsets(directory, 1).length, blockOffsets(directory, 2).length];
    expect(second).toBeGreaterThan(0);
    for (const kept of [60, 128, 150, 230]) {
      rmSync(segmentPath(directory, 3), { force: true }); // made only once the second is begun
      edit(directory, 2, (bytes) => {
        bytes.fill(0, kept);
      });
      const journal = await openSmall(directory);
      expect(journal.nextSeq()).toBe(first + 1);
      await appendEach(journal, 1, first + 1);
      expect(await seqsOf(journal)).toEqual(range(1, first + 1));
      await journal.close();
      forgetIndexes(directory);
    }
  });

  it('goes on in a segment whose first write reached the disk without its first sector', async () => {
    const directory = aDirectory();
    const journal = await openSmall(directory);
    await journal.append(aDecisionOf('t'.repeat(900))).committed;
    await journal.close();
    rmSync(segmentPath(directory, 2)); // made only once the first is begun
    edit(directory, 1, (bytes) => bytes.fill(0, 0, 512));
    const again = await openSmall(directory);
    expect(again.nextSeq()).toBe(1);
    await again.close();
  });

  it('fills up a last segment that was truncated on disk', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 3);
    truncateSync(segmentPath(directory, 1), blockOffsets(directory, 1)[2]!);
    const journal = await openSmall(directory);
    await appendEach(journal, 4, 3);
    expect(await seqsOf(journal)).toEqual(range(1, 6));
    await journal.close();
    expect(statSync(segmentPath(directory, 1)).size).toBe(8 * 1024);
  });
});

describe('a damaged journal', () => {
  it('is refused when a damaged block is followed by a whole one, naming file, byte and record', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 5);
    const third = blockOffsets(directory, 1)[2]!;
    edit(directory, 1, (bytes) => {
      bytes[third + 88 + 100]! ^= 1;
    });
    await expect(openSmall(directory)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringMatching(
        new RegExp(`segment-0000000001.log, byte ${third + 88}: seq 3: the record checksum does not match`),
      ) as string,
    });
  });

  it('is refused when a block was wiped out before a whole one', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 5);
    const [, , third, fourth] = blockOffsets(directory, 1);
    edit(directory, 1, (bytes) => {
      bytes.fill(0, third, fourth);
    });
    await expect(openSmall(directory)).rejects.toThrow(`byte ${third}: seq 3: the block header is missing`);
  });

  it('is refused when a segment between others is missing, empty or foreign', async () => {
    const cases: [string, (directory: string) => void][] = [
      ['the segment is missing', (directory) => rmSync(segmentPath(directory, 2))],
      ['the segment is empty though another follows', (directory) => edit(directory, 2, (bytes) => bytes.fill(0))],
      ['this is no segment', (directory) => edit(directory, 2, (bytes) => bytes.fill(7))],
      [
        'the segment header does not match its MAC',
        (directory) => edit(directory, 2, (bytes) => void (bytes[20]! ^= 1)),
      ],
    ];
    for (const [problem, damage] of cases) {
      const directory = aDirectory();
      await aJournalOf(directory, 40);
      damage(directory);
      await expect(openSmall(directory)).rejects.toThrow(problem);
    }
  });

  it('is refused when the segments after a sealed one are gone', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 30);
    rmSync(segmentPath(directory, 2));
    rmSync(segmentPath(directory, 3), { force: true });
    await expect(openSmall(directory)).rejects.toThrow('the segment is empty or missing, but was written before');
  });

  it('is refused when it ends before a published head, or passes it by another chain', async () => {
    const directory = aDirectory();
    const journal = await openSmall(directory);
    await appendEach(journal, 3);
    const published = journal.head();
    await appendEach(journal, 2, 4);
    expect(await journal.macAt(3)).toBe(published.mac);
    await journal.close();
    await (await openSmall(directory, { published })).close();

    edit(directory, 1, (bytes) => {
      bytes.fill(0, blockOffsets(directory, 1)[2]);
    });
    await expect(openSmall(directory, { published })).rejects.toThrow('ends with seq 2, but seq 3 was published');
    const other = await openSmall(directory);
    await appendEach(other, 1, 9);
    await other.close();
    await expect(openSmall(directory, { published })).rejects.toThrow(`but ${published.mac} was published`);
  });

  it('is refused without its key, and under another', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 2);
    await expect(openSmall(directory, { keyFile: `${directory}/other.key` })).rejects.toThrow(
      'the key file is missing',
    );
    const elsewhere = aDirectory();
    await aJournalOf(elsewhere, 1);
    await expect(openSmall(directory, { keyFile: `${elsewhere}/chain.key` })).rejects.toThrow(
      'the segment was written under another key',
    );
  });

  it('is refused, and left as it was, when the header of its only segment is not its own', async () => {
    const cases: [string, (directory: string) => unknown][] = [
      ['the segment was written under another key', (directory) => createChainKey(`${directory}/chain.key`)],
      ['this is no segment', (directory) => edit(directory, 1, (bytes) => void (bytes[0]! ^= 1))],
      ['the segment header is missing', (directory) => edit(directory, 1, (bytes) => bytes.fill(0, 0, 128))],
    ];
    for (const [problem, damage] of cases) {
      const directory = aDirectory();
      await aJournalOf(directory, 5);
      rmSync(segmentPath(directory, 2)); // as in a copy, which has no spare
      await damage(directory);
      const before = readFileSync(segmentPath(directory, 1));
      await expect(openSmall(directory)).rejects.toThrow(problem);
      expect(readFileSync(segmentPath(directory, 1)).equals(before)).toBe(true);
    }
  });
});
