import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { segmentPath } from '../../../src/adapters/segments/segment-files.ts';
import { type JournalProblem, scanJournal } from '../../../src/adapters/segments/verify.ts';
import { aDirectory } from '../../support/directories.ts';
import { aJournalOf, blockOffsets, files, keyOf, openSmall, range, seqsOf } from '../../support/journals.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

/** A copy of the directory, so that each damage starts from the whole journal. */
function copyOf(directory: string, copy: string): void {
  cpSync(directory, copy, { recursive: true, force: true });
}

describe('a tail torn at any byte', () => {
  it('costs the last block and nothing else', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 4);
    const path = segmentPath(directory, 1);
    const whole = readFileSync(path);
    const start = blockOffsets(directory, 1)[3]!;
    const end = start + 88 + whole.readUInt32LE(start + 12);
    for (let cut = start; cut < end; cut += 1) {
      const torn = Buffer.from(whole);
      torn.fill(0, cut, end);
      writeFileSync(path, torn);
      const journal = await openSmall(directory);
      expect(journal.head().seq).toBe(3);
      expect(await seqsOf(journal)).toEqual([1, 2, 3]);
      if (cut % 64 === 0) {
        await journal.append(aDecisionOf('next')).committed;
        expect(await seqsOf(journal)).toEqual(range(1, 4));
      }
      await journal.close();
    }
  });

  it('costs the last block when any one of its sectors was not written', async () => {
    const directory = aDirectory();
    const journal = await openSmall(directory);
    await journal.append(aDecisionOf('a')).committed;
    await journal.append(aDecisionOf('b'.repeat(3_000))).committed;
    await journal.close();
    const path = segmentPath(directory, 1);
    const whole = readFileSync(path);
    const start = blockOffsets(directory, 1)[1]!;
    const end = start + 88 + whole.readUInt32LE(start + 12);
    for (let sector = Math.floor(start / 512) * 512; sector < end; sector += 512) {
      const torn = Buffer.from(whole);
      torn.fill(0, Math.max(start, sector), Math.min(end, sector + 512));
      writeFileSync(path, torn);
      const again = await openSmall(directory);
      expect(await seqsOf(again)).toEqual([1]);
      await again.close();
    }
  });
});

describe('a single turned bit', () => {
  it('in the last block is not taken for a torn tail, so nothing acknowledged is cut away', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 3);
    const path = segmentPath(directory, 1);
    const whole = readFileSync(path);
    const start = blockOffsets(directory, 1)[2]!;
    const lengthAt = start + 12; // a length that leads into the zeros looks like a block that is not all there
    for (let at = start; at < start + 88 + whole.readUInt32LE(lengthAt); at += 3) {
      if (at >= lengthAt && at < lengthAt + 4) continue;
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 16;
      writeFileSync(path, damaged);
      await expect(openSmall(directory)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    }
  });

  it('anywhere in a sealed segment is found, and the block it lies in is named', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 50);
    const key = await keyOf(directory);
    const sealed = files(directory, '.index').length;
    expect(sealed).toBeGreaterThan(0);
    for (let number = 1; number <= sealed; number += 1) {
      const path = segmentPath(directory, number);
      const whole = readFileSync(path);
      const offsets = blockOffsets(directory, number);
      const last = offsets.at(-1)!;
      const bounds = [0, ...offsets, last + 88 + whole.readUInt32LE(last + 12), whole.length];
      for (let bit = 0; bit < 8 * whole.length; bit += 41) {
        const damaged = Buffer.from(whole);
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        writeFileSync(path, damaged);
        const found: JournalProblem[] = [];
        await scanJournal({ directory, key, onProblem: (problem) => found.push(problem) });
        const part = bounds.findLastIndex((start) => start <= bit >> 3);
        expect(found[0]).toMatchObject({ file: path, tornTail: false });
        expect(found[0]!.offset).toBeGreaterThanOrEqual(bounds[part]!);
        expect(found[0]!.offset).toBeLessThanOrEqual(bounds[part + 1]!);
      }
      writeFileSync(path, whole);
    }
  });

  it('in an index is repaired from the segment', async () => {
    const directory = aDirectory();
    await aJournalOf(directory, 50);
    const [name] = files(directory, '.index');
    const copy = aDirectory();
    for (let at = 0; at < 1_000; at += 97) {
      copyOf(directory, copy);
      const bytes = readFileSync(`${copy}/${name}`);
      bytes[at % bytes.length]! ^= 1;
      writeFileSync(`${copy}/${name}`, bytes);
      const notices: string[] = [];
      const journal = await openSmall(copy, { onNotice: (text) => notices.push(text) });
      expect(notices).toEqual([expect.stringContaining('made again from the segment')]);
      expect(await journal.findDecision('t1')).toMatchObject({ seq: 1 });
      await journal.close();
      expect(readFileSync(`${copy}/${name}`).equals(readFileSync(`${directory}/${name}`))).toBe(true);
    }
  });
});
