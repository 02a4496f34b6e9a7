import { join } from 'node:path';
import { expect, it } from 'vitest';
import { topicFrames } from '../../../src/adapters/kafka/topic-frames.ts';
import { openSegmentJournal } from '../../../src/adapters/segments/journal.ts';
import { segmentFrames } from '../../../src/adapters/segments/segment-frames.ts';
import { createDigest } from '../../../src/adapters/system/digest.ts';
import { moveJournal } from '../../../src/usecases/move-journal.ts';
import { aDirectory } from '../../support/directories.ts';
import { keyOf, range, seqsOf } from '../../support/journals.ts';
import { JOURNAL_KEY, openOn, someTopics } from '../../support/kafka.ts';
import { runUntilKilled } from '../../support/run-until-killed.ts';
import { serverAddress } from '../../support/servers.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

const found = serverAddress('kafka');

const KILLS = 8;
const RECORDS = 60_000;
const BLOCK_RECORDS = 400;
const MOVER = join(import.meta.dirname, 'mover.ts');

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;

  it(`moves a journal whole, though the move was killed ${KILLS} times`, async () => {
    const directory = aDirectory();
    const journal = await openSegmentJournal({ directory });
    for (let n = 1; n <= RECORDS; n++) {
      const { committed } = journal.append(aDecisionOf(`t${n}`, { arrivalMs: n }));
      if (n % BLOCK_RECORDS === 0) await committed;
    }
    await journal.close();
    const prefix = await someTopics(broker, ['journal']);
    for (let kill = 0; kill < KILLS; kill++) {
      const killAt = 1 + ((kill * 1_700) % 5_000);
      const told = await runUntilKilled(MOVER, [broker, prefix, directory, `${killAt}`]);
      expect(Number(told.at(-1))).toBeLessThan(RECORDS);
    }
    const moved = await moveJournal(
      segmentFrames({ directory, key: await keyOf(directory) }),
      topicFrames({ brokers: [broker], topic: `${prefix}journal`, key: JOURNAL_KEY.key }),
      { createDigest },
    );
    expect(moved).toMatchObject({ records: RECORDS, firstSeq: 1, lastSeq: RECORDS });
    expect(moved.written).toBeGreaterThan(0);
    expect(moved.written).toBeLessThan(RECORDS);
    const there = await openOn(broker, prefix);
    expect(await seqsOf(there)).toEqual(range(1, RECORDS));
    await there.close();
  });
}
