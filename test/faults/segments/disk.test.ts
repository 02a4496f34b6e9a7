import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DISK, type Disk } from '../../../src/adapters/segments/disk.ts';
import { aDirectory } from '../../support/directories.ts';
import { appendEach, openSmall, range, seqsOf } from '../../support/journals.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

const noSpace = (): Error => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

/** A disk that fails the writes `fails` says it fails. */
function aDisk(fails: (position: number, length: number) => Error | undefined): Disk {
  return {
    ...DISK,
    write(fd, bytes, start, end, position, done) {
      const error = fails(position, end - start);
      if (error === undefined) DISK.write(fd, bytes, start, end, position, done);
      else setImmediate(() => done(error));
    },
  };
}

describe('a write that fails', () => {
  it('rejects every pending and later append, tells why once, and loses nothing acknowledged', async () => {
    const directory = aDirectory();
    let broken = false;
    const poisons: Error[] = [];
    const disk = aDisk(() => (broken ? noSpace() : undefined));
    const journal = await openSmall(directory, { disk, onPoison: (error) => poisons.push(error) });
    await appendEach(journal, 5);
    broken = true;
    const pending = range(6, 9).map((index) => journal.append(aDecisionOf(`t${index}`)).committed);
    const finding = journal.findDecision('t6');
    for (const committed of pending) {
      await expect(committed).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE', cause: { code: 'ENOSPC' } });
    }
    await expect(finding).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    broken = false;
    await expect(journal.append(aDecisionOf('late')).committed).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    expect(poisons).toMatchObject([{ code: 'ENOSPC' }]);
    expect(journal.head().seq).toBe(5);
    expect(await seqsOf(journal)).toEqual(range(1, 5));
    await journal.close();
    const again = await openSmall(directory);
    expect(await seqsOf(again)).toEqual(range(1, 5));
    expect(again.knownId('t6')).toBeUndefined();
    await again.close();
  });

  it('in the middle of a block leaves a torn tail that the next start cuts', async () => {
    const directory = aDirectory();
    let broken = false;
    const disk: Disk = {
      ...DISK,
      write(fd, bytes, start, end, position, done) {
        if (!broken) return DISK.write(fd, bytes, start, end, position, done);
        DISK.write(fd, bytes, start, start + 300, position, () => done(noSpace()));
      },
    };
    const journal = await openSmall(directory, { disk });
    await appendEach(journal, 3);
    broken = true;
    await expect(journal.append(aDecisionOf('t4')).committed).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    await journal.close();
    const notices: string[] = [];
    const again = await openSmall(directory, { onNotice: (text) => notices.push(text) });
    expect(notices).toEqual([expect.stringContaining('half-written')]);
    await appendEach(again, 2, 4);
    expect(await seqsOf(again)).toEqual(range(1, 5));
    await again.close();
  });
});

describe('a full disk', () => {
  it('refuses to begin a journal', async () => {
    const directory = aDirectory();
    await expect(openSmall(directory, { disk: aDisk(noSpace) })).rejects.toMatchObject({ code: 'ENOSPC' });
    await (await openSmall(directory)).close();
  });

  it('is told while the present segment still takes records, and again when there is room', async () => {
    const told: (string | undefined)[] = [];
    let full = false;
    // Only zeros for a new segment begin at byte 0 and fill it.
    const disk = aDisk((position, length) => (full && position === 0 && length === 8 * 1024 ? noSpace() : undefined));
    const directory = aDirectory();
    const journal = await openSmall(directory, { disk, onSpace: (error) => told.push(error?.message) });
    await appendEach(journal, 30);
    expect(told).toEqual([]);
    full = true;
    await appendEach(journal, 18, 31);
    await expect.poll(() => told).toEqual([noSpace().message]);
    await appendEach(journal, 1, 49);
    let next = 50;
    while (journal.refusal!() === undefined) await appendEach(journal, 1, next++);
    expect(journal.refusal!()).toMatchObject({ code: 'DISK_FULL', cause: { code: 'ENOSPC' } });
    await appendEach(journal, 1, next++); // what was on its way when it began to refuse still finds room
    await sleep(2_500); // it is tried again each second, and said once
    expect(told).toEqual([noSpace().message]);
    full = false;
    await expect.poll(() => told, { timeout: 5_000 }).toEqual([noSpace().message, undefined]);
    expect(journal.refusal!()).toBeUndefined();
    await appendEach(journal, 30, next);
    expect(await seqsOf(journal)).toEqual(range(1, next + 29));
    await journal.close();
  });
});

describe('a disk that stays full', () => {
  it('ends the journal when the present segment is full, with everything acknowledged kept', async () => {
    let full = false;
    const disk = aDisk((position, length) => (full && position === 0 && length === 8 * 1024 ? noSpace() : undefined));
    const directory = aDirectory();
    const poisons: Error[] = [];
    const journal = await openSmall(directory, { disk, onPoison: (error) => poisons.push(error) });
    full = true;
    let acknowledged = 0;
    const filling = async (): Promise<void> => {
      for (; ; acknowledged += 1) await appendEach(journal, 1, acknowledged + 1);
    };
    await expect(filling()).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    expect(poisons).toMatchObject([{ code: 'ENOSPC' }]);
    expect(acknowledged).toBeGreaterThan(10);
    await journal.close();
    const again = await openSmall(directory);
    expect(await seqsOf(again)).toEqual(range(1, acknowledged));
    await appendEach(again, 20, acknowledged + 1);
    await again.close();
  });
});

describe('a slow disk', () => {
  it('makes blocks larger, keeps the order, and acknowledges nothing early', async () => {
    const delayMs = 20;
    let durable = 0;
    const disk: Disk = {
      ...DISK,
      write(fd, bytes, start, end, position, done) {
        setTimeout(
          () =>
            DISK.write(fd, bytes, start, end, position, (error) => {
              durable += 1;
              done(error);
            }),
          delayMs,
        );
      },
    };
    const directory = aDirectory();
    const blocks: number[] = [];
    const journal = await openSmall(directory, {
      disk,
      segmentBytes: 1 << 20,
      onCommit: (records) => blocks.push(records),
    });
    const before = durable;
    const acknowledged: number[] = [];
    const appends: Promise<unknown>[] = [];
    for (let index = 1; index <= 60; index += 1) {
      const { seq, committed } = journal.append(aDecisionOf(`t${index}`));
      appends.push(
        committed.then(() => {
          expect(durable).toBeGreaterThan(before);
          acknowledged.push(seq);
        }),
      );
      if (index % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(appends);
    expect(acknowledged).toEqual(range(1, 60));
    expect(blocks.reduce((sum, records) => sum + records)).toBe(60);
    expect(blocks.length).toBeLessThan(10);
    await journal.close();
  });
});
