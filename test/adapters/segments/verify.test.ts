import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { crc32 } from 'node:zlib';
import { segmentPath } from '../../../src/adapters/segments/segment-files.ts';
import {
  type JournalProblem,
  type JournalScan,
  scanJournal,
  type ScanOptions,
} from '../../../src/adapters/segments/verify.ts';
import { aDirectory } from '../../support/directories.ts';
import { aJournalOf, appendEach, blockOffsets, edit, keyOf, openSmall, range } from '../../support/journals.ts';

interface Scanned extends JournalScan {
  readonly found: readonly JournalProblem[];
  readonly seqs: readonly number[];
}

async function scan(directory: string, options: Partial<ScanOptions> = {}): Promise<Scanned> {
  const found: JournalProblem[] = [];
  const seqs: number[] = [];
  const result = await scanJournal({
    directory,
    key: await keyOf(directory),
    onProblem: (problem) => found.push(problem),
    onRecord: ({ seq }) => seqs.push(seq),
    ...options,
  });
  expect(result.problems).toBe(found.length);
  return { ...result, found, seqs };
}

describe('a scan of the journal', () => {
  it('hands over every record and finds nothing wrong in a whole one', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 50);
    const { seqs, found, blocks, records, firstSeq, head } = await scan(directory);
    expect({ seqs, found, blocks, records, firstSeq }).toEqual({
      seqs: range(1, 50),
      found: [],
      blocks: 50,
      records: 50,
      firstSeq: 1,
    });
    const journal = await openSmall(directory);
    expect(head).toEqual(journal.head());
    await journal.close();
  });

  it('names file, byte and record of a changed value, and goes on behind it', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 50);
    const at = blockOffsets(directory, 1)[6]!;
    edit(directory, 1, (bytes) => void (bytes[at + 88 + 60]! ^= 4));
    const { found, seqs } = await scan(directory);
    expect(found).toEqual([
      {
        file: segmentPath(directory, 1),
        offset: at + 88,
        seq: 7,
        problem: 'the record checksum does not match',
        tornTail: false,
      },
    ]);
    expect(seqs).toEqual([...range(1, 6), ...range(8, 50)]);
  });

  it('finds an edit that repaired the checksum, because it cannot repair the MAC', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 5);
    const at = blockOffsets(directory, 1)[1]!;
    edit(directory, 1, (bytes) => {
      const frame = at + 88;
      bytes[frame + 100]! ^= 1;
      bytes.writeUInt32LE(crc32(bytes.subarray(frame + 8, frame + bytes.readUInt32LE(frame))), frame + 4);
    });
    const { found } = await scan(directory);
    expect(found).toMatchObject([{ offset: at, seq: 2, problem: 'the block does not match its MAC' }]);
  });

  it('finds blocks that were exchanged or taken out', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 5);
    const [, second, third, fourth] = blockOffsets(directory, 1) as [number, number, number, number];
    edit(directory, 1, (bytes) =>
      Buffer.concat([bytes.subarray(0, second), bytes.subarray(third), Buffer.alloc(third - second)]),
    );
    expect((await scan(directory)).found).toMatchObject([
      { offset: second, problem: 'the block begins with seq 3 where 2 is due' },
    ]);
    expect(fourth).toBeGreaterThan(third);
  });

  it('finds a missing segment and a journal shorter than its published head', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 90);
    const { head } = await scan(directory);
    expect((await scan(directory, { published: head })).found).toEqual([]);
    expect((await scan(directory, { published: { ...head, mac: 'ab' } })).found).toMatchObject([
      { seq: 90, problem: 'the chain differs from the published head' },
    ]);
    rmSync(segmentPath(directory, 2));
    expect((await scan(directory, { published: head })).found).toMatchObject([
      { file: segmentPath(directory, 2), problem: 'the segment is missing' },
      { seq: 90, problem: 'seq 90 was published, but no block ends there' },
    ]);
    rmSync(segmentPath(directory, 1));
    expect((await scan(directory, { published: { ...head, seq: 1 } })).found).toMatchObject([
      {
        seq: 1,
        file: segmentPath(directory, 3),
        problem: expect.stringMatching(/^seq 1 was published, but the journal begins with seq \d+$/) as string,
      },
    ]);
  });

  it('tells a torn tail from damage', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 5);
    const last = blockOffsets(directory, 1)[4]!;
    edit(directory, 1, (bytes) => void bytes.fill(0, last + 300));
    expect((await scan(directory)).found).toMatchObject([{ seq: 5, tornTail: true }]);
  });

  it('can watch a running journal up to its head', async () => {
    const directory = aDirectory();
    const journal = await openSmall(directory);
    await appendEach(journal, 10);
    const throughSeq = journal.head().seq;
    const scanning = scan(directory, { throughSeq });
    await appendEach(journal, 30, 11);
    const { found, seqs } = await scanning;
    expect(found).toEqual([]);
    expect(seqs).toEqual(range(1, 10));
    await journal.close();
  });
});
