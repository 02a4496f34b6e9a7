import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { copyJournal, exportSegments, importSegments } from '../../../src/adapters/segments/copy.ts';
import { segmentFrames } from '../../../src/adapters/segments/segment-frames.ts';
import { segmentPath } from '../../../src/adapters/segments/segment-files.ts';
import { createDigest } from '../../../src/adapters/system/digest.ts';
import { moveJournal } from '../../../src/usecases/move-journal.ts';
import { aDirectory } from '../../support/directories.ts';
import {
  aJournalOf,
  appendEach,
  blockOffsets,
  edit,
  files,
  keyOf,
  openSmall,
  range,
  recordsOf,
  seqsOf,
} from '../../support/journals.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

it('copies a running journal at some committed head, and the copy opens and goes on', async () => {
  const from = aDirectory();
  const journal = await openSmall(from);
  await appendEach(journal, 30);
  const to = aDirectory();
  const copying = copyJournal({ from, to, key: await keyOf(from) });
  await appendEach(journal, 60, 31);
  const head = await copying;
  expect(await journal.macAt(head.seq)).toBe(head.mac);
  copyFileSync(join(from, 'chain.key'), join(to, 'chain.key'));
  const copy = await openSmall(to, { published: head });
  expect(copy.head()).toEqual(head);
  expect(head.seq).toBeGreaterThanOrEqual(30);
  expect(await recordsOf(copy)).toEqual((await recordsOf(journal)).slice(0, head.seq));
  expect(copy.append(aDecisionOf('on')).seq).toBe(head.seq + 1);
  await copy.close();
  await journal.close();
});

it('copies nothing from an empty journal and refuses a directory that holds one', async () => {
  const from = aDirectory();
  await aJournalOf(from, 0);
  const key = await keyOf(from);
  expect(await copyJournal({ from, to: aDirectory(), key })).toEqual({ seq: 0, mac: '' });
  await expect(copyJournal({ from, to: from, key })).rejects.toThrow('already holds a journal');
});

it('refuses to copy a damaged journal', async () => {
  const from = aDirectory();
  await aJournalOf(from, 60);
  edit(from, 1, (bytes) => void (bytes[1_000]! ^= 1));
  const copying = copyJournal({ from, to: aDirectory(), key: await keyOf(from) });
  await expect(copying).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
});

it('refuses to copy a journal in the middle of which a segment is missing', async () => {
  const from = aDirectory();
  await aJournalOf(from, 60);
  rmSync(segmentPath(from, 2));
  const copying = copyJournal({ from, to: aDirectory(), key: await keyOf(from) });
  await expect(copying).rejects.toThrow(/segment-0000000002.*the segment is missing/);
});

it('brings exported segments back after they were dropped', async () => {
  const directory = aDirectory();
  const archive = aDirectory();
  const journal = await openSmall(directory);
  await appendEach(journal, 90);
  const key = await keyOf(directory);
  const beforeSeq = journal.segments()[1]!.lastSeq + 1;
  const exported = await exportSegments({ from: directory, to: archive, key, beforeSeq });
  expect(exported.map(({ number }) => number)).toEqual([1, 2]);
  expect(await journal.dropBefore(beforeSeq)).toBe(2);
  await expect(importSegments({ from: archive, to: directory, key })).rejects.toMatchObject({
    code: 'ALREADY_RUNNING',
  });
  await journal.close();
  expect(await importSegments({ from: archive, to: directory, key })).toBe(2);
  const again = await openSmall(directory);
  expect(await seqsOf(again)).toEqual(range(1, 90));
  expect(await again.findDecision('t1')).toMatchObject({ seq: 1 });
  await again.close();
});

it('imports an archive into an empty directory as a journal of its own', async () => {
  const directory = aDirectory();
  const archive = aDirectory();
  await aJournalOf(directory, 90);
  const key = await keyOf(directory);
  const exported = await exportSegments({ from: directory, to: archive, key, beforeSeq: 91 });
  const to = aDirectory();
  await importSegments({ from: archive, to, key });
  copyFileSync(join(directory, 'chain.key'), join(to, 'chain.key'));
  const journal = await openSmall(to);
  expect(await seqsOf(journal)).toEqual(range(1, exported.at(-1)!.lastSeq));
  await journal.close();
});

it('refuses segments that do not join the journal', async () => {
  const [directory, archive] = [aDirectory(), aDirectory()];
  await aJournalOf(directory, 90);
  const key = await keyOf(directory);
  await exportSegments({ from: directory, to: archive, key, beforeSeq: 91 });
  for (const number of [1, 2]) rmSync(segmentPath(directory, number));
  rmSync(segmentPath(archive, 2));
  await expect(importSegments({ from: archive, to: directory, key })).rejects.toThrow('it does not follow segment');
  expect(files(directory, '.tmp')).toEqual([]);
});

it('imports only the segments that the journal has lost from its beginning, and none when it has them all', async () => {
  const [directory, archive] = [aDirectory(), aDirectory()];
  await aJournalOf(directory, 90);
  const key = await keyOf(directory);
  const exported = await exportSegments({ from: directory, to: archive, key, beforeSeq: 91 });
  expect(exported.length).toBeGreaterThan(2);
  expect(await importSegments({ from: archive, to: directory, key })).toBe(0);
  rmSync(segmentPath(directory, 1));
  expect(await importSegments({ from: archive, to: directory, key })).toBe(1);
  expect(await importSegments({ from: archive, to: directory, key })).toBe(0);
  const journal = await openSmall(directory);
  expect(await seqsOf(journal)).toEqual(range(1, 90));
  await journal.close();
});

it('refuses an archive of another history under the same key, and one that goes further than the journal', async () => {
  const [directory, archive, other] = [aDirectory(), aDirectory(), aDirectory()];
  await aJournalOf(directory, 90);
  const key = await keyOf(directory);
  copyFileSync(join(directory, 'chain.key'), join(other, 'chain.key'));
  const journal = await openSmall(other);
  await appendEach(journal, 60, 1_000);
  await journal.close();
  const differ = importSegments({ from: other, to: directory, key });
  await expect(differ).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(segmentPath(other, 1)) as string,
  });
  await exportSegments({ from: directory, to: archive, key, beforeSeq: 91 });
  const short = aDirectory();
  for (const number of [1, 2]) copyFileSync(segmentPath(directory, number), segmentPath(short, number));
  await expect(importSegments({ from: archive, to: short, key })).rejects.toThrow(segmentPath(archive, 3));
});

it('refuses to export past a segment that is missing', async () => {
  const [directory, archive] = [aDirectory(), aDirectory()];
  await aJournalOf(directory, 90);
  const key = await keyOf(directory);
  rmSync(segmentPath(directory, 2));
  const exporting = exportSegments({ from: directory, to: archive, key, beforeSeq: 91 });
  await expect(exporting).rejects.toThrow(/segment-0000000002.*the segment is missing/);
});

it('exports into an archive of its own again and again, also what a killed export or the journal has lost', async () => {
  const [directory, archive] = [aDirectory(), aDirectory()];
  await aJournalOf(directory, 90);
  const key = await keyOf(directory);
  const exported = await exportSegments({ from: directory, to: archive, key, beforeSeq: 91 });
  const whole = readFileSync(segmentPath(archive, 2));
  writeFileSync(segmentPath(archive, 2), whole.subarray(0, 100));
  expect(await exportSegments({ from: directory, to: archive, key, beforeSeq: 91 })).toEqual(exported);
  expect(readFileSync(segmentPath(archive, 2))).toEqual(whole);
  rmSync(segmentPath(directory, 1));
  expect(await exportSegments({ from: directory, to: archive, key, beforeSeq: 91 })).toEqual(exported.slice(1));
  expect(files(archive, '.log')).toHaveLength(exported.length);
});

it('refuses to export over the archive of another journal, or of a longer history, and leaves it as it is', async () => {
  const [directory, archive, other, short] = [aDirectory(), aDirectory(), aDirectory(), aDirectory()];
  await aJournalOf(directory, 90);
  await aJournalOf(other, 90);
  const key = await keyOf(directory);
  await exportSegments({ from: directory, to: archive, key, beforeSeq: 91 });
  const before = readFileSync(segmentPath(archive, 1));
  const refused = (from: string, told: string): object => ({
    code: 'USAGE',
    message: expect.stringContaining(`${told} is no copy of ${from}`) as string,
  });
  const fromOther = async (): Promise<unknown> =>
    exportSegments({ from: other, to: archive, key: await keyOf(other), beforeSeq: 91 });
  await expect(fromOther()).rejects.toMatchObject(refused(other, segmentPath(archive, 1)));
  rmSync(segmentPath(other, 1));
  rmSync(segmentPath(archive, 2));
  await expect(fromOther()).rejects.toMatchObject(refused(other, segmentPath(archive, 1)));
  for (const number of [1, 2]) copyFileSync(segmentPath(directory, number), segmentPath(short, number));
  const fromShort = exportSegments({ from: short, to: archive, key, beforeSeq: 91 });
  await expect(fromShort).rejects.toMatchObject(refused(short, segmentPath(archive, 3)));
  expect(readFileSync(segmentPath(archive, 1))).toEqual(before);
});

it('exports an archive that can be gone on with from elsewhere, as once the journal has moved', async () => {
  const [directory, archive] = [aDirectory(), aDirectory()];
  await aJournalOf(directory, 90);
  const key = await keyOf(directory);
  const { lastSeq } = (await exportSegments({ from: directory, to: archive, key, beforeSeq: 91 })).at(-1)!;
  expect(lastSeq).toBeLessThan(90);
  const source = segmentFrames({ directory, key });
  const moved = await moveJournal(source, segmentFrames({ directory: archive, key }), { createDigest });
  expect(moved).toMatchObject({ records: 90, written: 90 - lastSeq });
});

it('imports the journal of another directory as it lies there, with the segment made ready and a torn end', async () => {
  const from = aDirectory();
  await aJournalOf(from, 90);
  const last = files(from, '.log').length - 1; // the one behind it is ready for what comes
  edit(from, last, (bytes) => void bytes.fill(0, blockOffsets(from, last).at(-1)! + 100));
  const to = aDirectory();
  expect(await importSegments({ from, to, key: await keyOf(from) })).toBe(last);
  copyFileSync(join(from, 'chain.key'), join(to, 'chain.key'));
  const journal = await openSmall(to);
  expect(await seqsOf(journal)).toEqual(range(1, 89));
  await journal.close();
});

/** As one that is given when it has been asked `times` times. */
function interruptedAfter(times: number): AbortSignal {
  const interruption = new AbortController();
  let asked = 0;
  const ask = (): void => {
    if ((asked += 1) > times) interruption.abort(new DOMException('SIGINT', 'AbortError'));
    if (interruption.signal.aborted) throw interruption.signal.reason as DOMException;
  };
  return Object.assign(interruption.signal, { throwIfAborted: ask });
}

it('ends between two segments when it is interrupted, and the next time goes on', async () => {
  const [from, copy, archive, back] = [aDirectory(), aDirectory(), aDirectory(), aDirectory()];
  await aJournalOf(from, 90);
  const key = await keyOf(from);
  const name = 'AbortError';
  await expect(copyJournal({ from, to: copy, key, signal: interruptedAfter(1) })).rejects.toMatchObject({ name });
  expect(files(copy, '.log')).toHaveLength(1);
  const exporting = { from, to: archive, key, beforeSeq: 91 };
  const sealed = (await exportSegments({ ...exporting, to: aDirectory() })).length;
  const signal = interruptedAfter(sealed + 2); // each is looked at before the first is copied, and the one behind them
  await expect(exportSegments({ ...exporting, signal })).rejects.toMatchObject({ name });
  expect(files(archive, '.log')).toHaveLength(1);
  expect(await exportSegments(exporting)).toHaveLength(sealed);
  const importing = { from: archive, to: back, key };
  await expect(importSegments({ ...importing, signal: interruptedAfter(sealed + 1) })).rejects.toMatchObject({
    name,
  });
  expect(files(back, '.log')).toEqual(files(archive, '.log').slice(-1));
  expect(await importSegments(importing)).toBe(sealed - 1);
  expect(files(back, '.log')).toEqual(files(archive, '.log'));
});
