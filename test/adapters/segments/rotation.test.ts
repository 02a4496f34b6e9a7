import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { indexPath, segmentPath } from '../../../src/adapters/segments/segment-files.ts';
import { PRIMITIVES } from '../../../src/adapters/system/byte-primitives.ts';
import { takeRecords } from '../../../src/journal/frame.ts';
import { aDirectory } from '../../support/directories.ts';
import { appendEach, files, forgetIndexes, openSmall, range, seqsOf } from '../../support/journals.ts';
import { aDecisionOf, aRequestHash } from '../../support/unplaced-records.ts';

it('fills segment after segment and reads across them from any seq', async () => {
  const journal = await openSmall(aDirectory());
  await appendEach(journal, 90);
  expect(journal.segments().length).toBeGreaterThan(2);
  expect(journal.segments().map(({ number }) => number)).toEqual(range(1, journal.segments().length));
  for (const from of [1, 2, 14, 15, 30, 59, 89, 90, 91]) expect(await seqsOf(journal, from)).toEqual(range(from, 90));
  await journal.close();
});

it('lets a tail follow from segment to segment while they grow, and from the middle of an old one', async () => {
  const journal = await openSmall(aDirectory());
  const tail = journal.tail(1);
  const taken: number[] = [];
  const take = async (limit: number): Promise<number> => {
    const records = takeRecords(await tail.take(limit), PRIMITIVES);
    taken.push(...records.map(({ seq }) => seq));
    return records.length;
  };
  for (let appended = 0; appended < 90; appended += 9) {
    await appendEach(journal, 9, appended + 1);
    await take(7);
  }
  while ((await take(7)) > 0);
  expect(journal.segments().length).toBeGreaterThan(2);
  expect(taken).toEqual(range(1, 90));
  const [second] = takeRecords(await journal.tail(40).take(1), PRIMITIVES);
  expect(second?.seq).toBe(40);
  await journal.close();
});

it('goes on over many openings, with and without the side files', async () => {
  const directory = aDirectory();
  for (let opening = 0; opening < 6; opening += 1) {
    if (opening % 2 === 1) forgetIndexes(directory);
    const journal = await openSmall(directory);
    expect(journal.nextSeq()).toBe(opening * 9 + 1);
    await appendEach(journal, 9, opening * 9 + 1);
    expect(await seqsOf(journal)).toEqual(range(1, opening * 9 + 9));
    await journal.close();
  }
});

it('writes an index for every sealed segment and none for the open one', async () => {
  const directory = aDirectory();
  const journal = await openSmall(directory);
  await appendEach(journal, 40);
  const sealed = journal.segments().map(({ number }) => indexPath(directory, number));
  await journal.close();
  expect(files(directory, '.index').map((name) => join(directory, name))).toEqual(sealed);
});

it('has the next segment ready, whole and zeroed, before the present one is full', async () => {
  const directory = aDirectory();
  const journal = await openSmall(directory);
  await appendEach(journal, 1);
  await expect.poll(() => existsSync(segmentPath(directory, 2))).toBe(true);
  await journal.close();
});

it('answers for an id exactly within the window and from the segments beyond it', async () => {
  const directory = aDirectory();
  const windowMs = 20_000;
  const journal = await openSmall(directory, { exactWindowMs: windowMs });
  await appendEach(journal, 200);
  expect(journal.knownId('t200')).toEqual({ seq: 200, requestHash: aRequestHash('t200') });
  expect(journal.knownId('t1')).toBe('elsewhere');
  expect(journal.knownId('never')).toBeUndefined();
  for (const seq of [1, 2, 50, 100, 199, 200]) {
    expect(await journal.findDecision(`t${seq}`)).toMatchObject({ seq, transaction: { transactionId: `t${seq}` } });
  }
  await journal.close();

  const again = await openSmall(directory, { exactWindowMs: windowMs });
  expect(again.knownId('t1')).toBe('elsewhere');
  expect(again.knownId('t200')).toEqual({ seq: 200, requestHash: aRequestHash('t200') });
  for (const seq of [1, 77, 200]) expect(await again.findDecision(`t${seq}`)).toMatchObject({ seq });
  expect(await again.findDecision('never')).toBeUndefined();
  await again.close();
});

it('drops whole sealed segments on demand, and what is left opens and reads on', async () => {
  const directory = aDirectory();
  const journal = await openSmall(directory);
  await appendEach(journal, 90);
  const [first, second] = journal.segments();
  expect(await journal.dropBefore(second!.lastSeq)).toBe(1);
  expect(await seqsOf(journal)).toEqual(range(first!.lastSeq + 1, 90));
  expect(await journal.findDecision('t1')).toBeUndefined();
  await journal.close();
  const again = await openSmall(directory);
  expect(await seqsOf(again)).toEqual(range(first!.lastSeq + 1, 90));
  expect(again.append(aDecisionOf('t91')).seq).toBe(91);
  await again.close();
});

it('removes half-written side files that a killed process left', async () => {
  const directory = aDirectory();
  const left = join(directory, 'segment-0000000001.index.4711.tmp');
  writeFileSync(left, 'half');
  await (await openSmall(directory)).close();
  expect(existsSync(left)).toBe(false);
});

it('refuses a record larger than a segment and stays usable', async () => {
  const journal = await openSmall(aDirectory());
  expect(() => journal.append(aDecisionOf('x'.repeat(9_000)))).toThrow('a decision record exceeds');
  await appendEach(journal, 1);
  expect(await seqsOf(journal)).toEqual([1]);
  await journal.close();
});

it('takes a burst larger than one block and than one segment', async () => {
  const journal = await openSmall(aDirectory());
  const places = range(1, 300).map((index) => journal.append(aDecisionOf(`t${index}`)));
  await Promise.all(places.map(({ committed }) => committed));
  expect(await seqsOf(journal)).toEqual(range(1, 300));
  expect(journal.segments().length).toBeGreaterThanOrEqual(10);
  expect(await journal.findDecision('t150')).toMatchObject({ seq: 150 });
  await journal.close();
});
