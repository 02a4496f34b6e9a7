import { describe, expect, it } from 'vitest';
import { createRecordFinder } from '../../../src/adapters/kafka/find-record.ts';
import { openPlacedKafkaJournal } from '../../../src/adapters/kafka/placed-journal.ts';
import { HOUR_MS } from '../../../src/domain/time.ts';
import { range } from '../../support/journals.ts';
import { JOURNAL_KEY, someTopics } from '../../support/kafka.ts';
import { serverAddress } from '../../support/servers.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

const found = serverAddress('kafka');

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;
  const MINUTE_MS = HOUR_MS / 60;

  describe('a record is found by its place', () => {
    it.each([0, -0.02, 0.02, -1, 1, 50, -120])(
      'when the clock of the store stands %d minutes before the writer’s',
      async (minutes) => {
        const prefix = await someTopics(broker, ['journal']);
        const onTopic = { brokers: [broker], topic: `${prefix}journal`, key: JOURNAL_KEY.key };
        const journal = await openPlacedKafkaJournal(onTopic);
        const finder = createRecordFinder(onTopic);
        const arrivalMs = Date.now() + minutes * MINUTE_MS;
        const records = range(1, 30).map((seq) => ({ ...aDecisionOf(`t${seq}`), seq, arrivalMs: arrivalMs + seq }));
        for (const record of records) await journal.append(record, 1);
        for (const { seq, arrivalMs: at, transaction } of [records[0]!, records[29]!]) {
          expect(await finder.find({ seq, arrivalMs: at })).toMatchObject({ seq });
          expect(await finder.find({ seq, arrivalMs: at, key: transaction.userId })).toMatchObject({ seq });
        }
        expect(await finder.find({ seq: 31, arrivalMs })).toBeUndefined();
        expect(await finder.find({ seq: 1, arrivalMs })).toBeUndefined();
        await Promise.all([journal.close(), finder.close()]);
      },
    );
  });
}
