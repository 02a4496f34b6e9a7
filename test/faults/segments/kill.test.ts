import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSegmentJournal } from '../../../src/adapters/segments/journal.ts';
import { scanJournal } from '../../../src/adapters/segments/verify.ts';
import { type DecisionRecord } from '../../../src/journal/record.ts';
import { aDirectory } from '../../support/directories.ts';
import { keyOf, range, recordsOf } from '../../support/journals.ts';
import { runUntilKilled } from '../../support/run-until-killed.ts';

const KILLS = 60;
/** Directories worked on side by side, so that the start of one process hides behind another's work. */
const LANES = 3;
/** Small enough that kills fall into rotations too. */
const SEGMENT_BYTES = 64 * 1024;
const LONGEST_RUN_MS = 60;
const APPENDER = join(import.meta.dirname, 'appender.ts');

/** Kills one appender after the other on one directory and counts after each what it had acknowledged. */
async function lane(number: number, kills: number): Promise<number> {
  const directory = aDirectoryOfLane(number);
  const acknowledged: string[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const afterMs = (kill * 37 + number * 11) % LONGEST_RUN_MS;
    const parameters = [directory, `${number}.${kill}`, String(SEGMENT_BYTES)];
    acknowledged.push(...(await runUntilKilled(APPENDER, parameters, afterMs)));

    const problems: string[] = [];
    const key = await keyOf(directory);
    await scanJournal({
      directory,
      key,
      onProblem: ({ problem, tornTail }) => {
        if (!tornTail) problems.push(problem);
      },
    });
    expect(problems).toEqual([]);

    const journal = await openSegmentJournal({ directory, segmentBytes: SEGMENT_BYTES });
    const decisions = (await recordsOf(journal)) as DecisionRecord[];
    expect(decisions.map(({ seq }) => seq)).toEqual(range(1, decisions.length));
    const kept = decisions.map(({ seq, transaction }) => `${seq} ${transaction.transactionId}`);
    expect(new Set(kept).size).toBe(kept.length);
    const known = new Set(kept);
    expect(acknowledged.filter((line) => !known.has(line))).toEqual([]);
    const last = decisions.at(-1)!;
    expect(await journal.findDecision(last.transaction.transactionId)).toEqual(last);
    await journal.close();
  }
  return acknowledged.length;
}

const directories: string[] = [];
const aDirectoryOfLane = (number: number): string => directories[number]!;

it(`keeps every acknowledged record over ${KILLS} kills`, async () => {
  for (let number = 0; number < LANES; number += 1) directories.push(aDirectory());
  const counts = await Promise.all(range(0, LANES - 1).map((number) => lane(number, KILLS / LANES)));
  expect(Math.min(...counts)).toBeGreaterThan(100);
});
