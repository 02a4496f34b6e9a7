/** What is read back from sealed segments after they were damaged behind the journal's back. */
import { truncateSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type SegmentJournal } from '../../../src/adapters/segments/journal.ts';
import { segmentPath } from '../../../src/adapters/segments/segment-files.ts';
import { frameLength, frameSeq } from '../../../src/journal/frame.ts';
import { viewOf } from '../../../src/journal/bytes.ts';
import { aDirectory } from '../../support/directories.ts';
import { aJournalOf, blockOffsets, edit, openSmall, range, seqsOf } from '../../support/journals.ts';

const RECORDS = 60;

/** The seqs that a follower is handed, up to the journal's head. */
async function followed(journal: SegmentJournal): Promise<number[]> {
  const tail = journal.tail(1);
  const seqs: number[] = [];
  while (seqs.at(-1) !== journal.head().seq) {
    const frames = await tail.take(7);
    const view = viewOf(frames);
    for (let at = 0; at < frames.length; at += frameLength(view, at)) seqs.push(frameSeq(view, at));
  }
  return seqs;
}

it('a sealed segment that was cut off is refused where it ends, by readers and by those who follow', async () => {
  const directory = aDirectory();
  await aJournalOf(directory, RECORDS);
  const end = blockOffsets(directory, 1)[3]! + 20;
  truncateSync(segmentPath(directory, 1), end);
  const journal = await openSmall(directory);
  const problem = `segment-0000000001.log, byte ${end}: the file ends before its last block`;
  await expect(seqsOf(journal)).rejects.toThrow(problem);
  await expect(followed(journal)).rejects.toThrow(problem);
  await journal.close();
});

it('no block of a sealed segment is passed over for what its header says', async () => {
  const directory = aDirectory();
  await aJournalOf(directory, RECORDS);
  const offsets = blockOffsets(directory, 1);
  for (const block of [offsets[0]!, offsets[4]!, offsets.at(-1)!]) {
    const changes: [number, number][] = [
      [8, 1], // no record
      [8, 2], // two more than there are
      [23, 0x80], // a negative seq
      [22, 0x10], // a seq of twice or half
    ];
    for (const [at, bit] of changes) {
      const flip = (): void => edit(directory, 1, (bytes) => void (bytes[block + at]! ^= bit));
      flip();
      const journal = await openSmall(directory);
      await expect(seqsOf(journal)).rejects.toThrow(/segment-0000000001.log, byte \d+: seq \d+/);
      await expect(followed(journal)).rejects.toThrow(/segment-0000000001.log, byte \d+: seq \d+/);
      await journal.close();
      flip();
    }
  }
  const whole = await openSmall(directory);
  expect(await seqsOf(whole)).toEqual(range(1, RECORDS));
  expect(await seqsOf(whole, 5)).toEqual(range(5, RECORDS));
  expect(await followed(whole)).toEqual(range(1, RECORDS));
  await whole.close();
});

it('those who follow are handed as many as they ask for, also across segments, and the rest at the end', async () => {
  const directory = aDirectory();
  await aJournalOf(directory, RECORDS);
  const journal = await openSmall(directory);
  expect(journal.segments().length).toBeGreaterThan(1);
  const tail = journal.tail(3);
  const taken: number[][] = [];
  for (let frames = await tail.take(40); frames.length > 0; frames = await tail.take(40)) {
    const view = viewOf(frames);
    const seqs: number[] = [];
    for (let at = 0; at < frames.length; at += frameLength(view, at)) seqs.push(frameSeq(view, at));
    taken.push(seqs);
  }
  expect(taken).toEqual([range(3, 42), range(43, RECORDS)]);
  await journal.close();
});
