import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chainKey } from '../../../src/adapters/segments/chain-key.ts';
import { segmentFrames } from '../../../src/adapters/segments/segment-frames.ts';
import { segmentPath } from '../../../src/adapters/segments/segment-files.ts';
import { moveJournal } from '../../../src/usecases/move-journal.ts';
import { aDirectory } from '../../support/directories.ts';
import { bytesOf, DIGESTED } from '../../support/journal-copies.ts';
import { aJournalOf, appendEach, edit, files, forgetIndexes, keyOf, openSmall, range, recordsOf, seqsOf, SMALL_SEGMENT_BYTES } from '../../support/journals.ts'; // prettier-ignore

const OTHER = Buffer.alloc(32, 5);
const OTHER_KEY = chainKey(OTHER);

/** A directory whose journal is under the other key. */
function anEmptyPlace(): string {
  const directory = aDirectory();
  writeFileSync(join(directory, 'chain.key'), `${OTHER.toString('hex')}\n`);
  return directory;
}

it('moves a journal into a directory with another key, where it opens, is found by id and goes on', async () => {
  const from = aDirectory();
  await aJournalOf(from, 120);
  const source = segmentFrames({ directory: from, key: await keyOf(from) });
  const to = anEmptyPlace();
  const target = segmentFrames({ directory: to, key: OTHER_KEY, marks: [17, 90], segmentBytes: SMALL_SEGMENT_BYTES });
  expect(await moveJournal(source, target, DIGESTED)).toMatchObject({ records: 120, written: 120 });
  expect(await bytesOf(target)).toEqual(await bytesOf(source));
  const journal = await openSmall(to, { published: { seq: 17, ...target.tieAt(17)! } });
  expect(await journal.macAt(90)).toBe(target.tieAt(90)!.mac);
  expect(await journal.macAt(90)).toMatch(/^[0-9a-f]{64}$/);
  expect(await seqsOf(journal)).toEqual(range(1, 120));
  expect(await journal.findDecision('t3')).toMatchObject({ seq: 3 });
  await appendEach(journal, 30, 121);
  await journal.close();
  const again = await openSmall(to);
  expect(await seqsOf(again)).toEqual(range(1, 150));
  await again.close();
});

it('adds to an archive what is new, and leaves its files as they are', async () => {
  const from = aDirectory();
  await aJournalOf(from, 60);
  const key = await keyOf(from);
  const to = aDirectory();
  const target = segmentFrames({ directory: to, key, segmentBytes: SMALL_SEGMENT_BYTES });
  await moveJournal(segmentFrames({ directory: from, key }), target, DIGESTED);
  const before = files(to, '.log');
  const journal = await openSmall(from);
  await appendEach(journal, 40, 61);
  expect(await moveJournal(segmentFrames({ directory: from, key }), target, DIGESTED)).toMatchObject({ written: 40 });
  expect(files(to, '.log').slice(0, before.length)).toEqual(before);
  expect(files(to, '.index')).toHaveLength(files(to, '.log').length - 1);
  expect(await bytesOf(target)).toEqual(await bytesOf(segmentFrames({ directory: from, key })));
  await journal.close();
});

it('keeps the place of a journal whose beginning is gone', async () => {
  const from = aDirectory();
  const journal = await openSmall(from);
  await appendEach(journal, 90);
  const dropped = journal.segments()[1]!.lastSeq;
  await journal.dropBefore(dropped + 1);
  const records = await recordsOf(journal);
  await journal.close();
  const to = anEmptyPlace();
  const source = segmentFrames({ directory: from, key: await keyOf(from) });
  await moveJournal(source, segmentFrames({ directory: to, key: OTHER_KEY }), DIGESTED);
  const moved = await openSmall(to);
  expect(await recordsOf(moved)).toEqual(records);
  expect(moved.nextSeq()).toBe(91);
  await moved.close();
});

it('refuses a damaged source, one with a hole, and a directory in use', async () => {
  const from = aDirectory();
  await aJournalOf(from, 90);
  const key = await keyOf(from);
  const to = anEmptyPlace();
  const target = segmentFrames({ directory: to, key: OTHER_KEY });
  edit(from, 2, (bytes) => void (bytes[1_000]! ^= 1));
  const move = () => moveJournal(segmentFrames({ directory: from, key }), target, DIGESTED);
  await expect(move()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  edit(from, 2, (bytes) => void (bytes[1_000]! ^= 1));
  const journal = await openSmall(to);
  await expect(move()).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
  await journal.close();
  forgetIndexes(from);
  rmSync(segmentPath(from, 2));
  await expect(move()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  expect(files(to, '.log').length).toBeLessThanOrEqual(1); // the first, empty one of the journal opened between
});
