import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { frameMac, recordMessage } from '../../../src/adapters/kafka/envelope.ts';
import { openIdempotentProducer } from '../../../src/adapters/kafka/idempotent-producer.ts';
import { type KafkaJournal } from '../../../src/adapters/kafka/journal.ts';
import { framesOf } from '../../../src/adapters/memory/journal.ts';
import { createMac } from '../../../src/adapters/system/mac.ts';
import { PRIMITIVES } from '../../../src/adapters/system/byte-primitives.ts';
import { DAY_MS } from '../../../src/domain/time.ts';
import { takeRecords } from '../../../src/journal/frame.ts';
import { type DecisionRecord } from '../../../src/journal/record.ts';
import { range, seqsOf } from '../../support/journals.ts';
import { JOURNAL_KEY, messagesOf, openOn, removeBelow, send, someTopics } from '../../support/kafka.ts';
import { serverAddress } from '../../support/servers.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

const found = serverAddress('kafka');

/** Appends decisions t`first` … t`last`, of 50 users in turn, an hour apart. */
async function append(journal: KafkaJournal, first: number, last: number): Promise<void> {
  await Promise.all(
    range(first, last).map((index) => {
      const record = aDecisionOf(`t${index}`, { arrivalMs: 3_600_000 * index });
      return journal.append({ ...record, transaction: { ...record.transaction, userId: `u${index % 50}` } }).committed;
    }),
  );
}

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;

  const withJournal = async <R>(prefix: string, work: (journal: KafkaJournal) => Promise<R>): Promise<R> => {
    const journal = await openOn(broker, prefix);
    try {
      return await work(journal);
    } finally {
      await journal.close();
    }
  };

  describe('the journal’s topic', () => {
    it('is read from any place, close behind or far back, and finds any decision by its id', async () => {
      const prefix = await someTopics(broker, ['journal']);
      await withJournal(prefix, (journal) => append(journal, 1, 1_500));
      const journal = await openOn(broker, prefix, { exactWindowMs: DAY_MS });
      await append(journal, 1_501, 1_600);
      for (const from of [1, 255, 256, 257, 1_024, 1_499, 1_600]) {
        expect(await seqsOf(journal, from)).toEqual(range(from, 1_600));
        const tail = journal.tail(from);
        const seqs: number[] = [];
        for (let frames = await tail.take(300); frames.length > 0; frames = await tail.take(300)) {
          seqs.push(...takeRecords(frames, PRIMITIVES).map(({ seq }) => seq));
        }
        expect(seqs).toEqual(range(from, 1_600));
      }
      expect(journal.knownId('t3')).toBe('elsewhere');
      expect(journal.knownId('t1599')).toMatchObject({ seq: 1_599 });
      for (const index of [3, 300, 1_420, 1_590]) {
        expect(await journal.findDecision(`t${index}`)).toMatchObject({ seq: index, requestHash: expect.any(String) });
      }
      expect(await journal.macAt(1_600)).toBe(journal.head().mac);
      expect(await journal.macAt(1_601)).toBeUndefined();
      await journal.close();
    });

    it('refuses a record that was changed, with its place', async () => {
      const prefix = await someTopics(broker, ['journal'], 1);
      await withJournal(prefix, (journal) => append(journal, 1, 3));
      await expect(openOn(broker, prefix, { key: createSecretKey(Buffer.alloc(32, 8)) })).rejects.toThrow(
        /partition 0, offset 0: its MAC does not match/,
      );
      await send(broker, `${prefix}journal`, [{ key: 'x', value: 'something' }]);
      await expect(openOn(broker, prefix)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
      await expect(openOn(broker, prefix)).rejects.toThrow(/offset 4: the message is no journal record/);
    });

    it('refuses a journal that lacks a record all others of which were durable', async () => {
      const prefix = await someTopics(broker, ['journal'], 1);
      const mac = createMac(JOURNAL_KEY.key);
      const producer = await openIdempotentProducer({ brokers: [broker] }, `${prefix}journal`);
      for (const seq of [1, 2, 4]) {
        const frame = framesOf([{ ...aDecisionOf(`t${seq}`), seq }]);
        const standing = { epoch: 1, after: seq - 1 };
        await producer.send([{ ...recordMessage('u', frame, frameMac(mac, standing, frame), standing), partition: 0 }]);
      }
      await producer.close();
      await expect(openOn(broker, prefix)).rejects.toThrow(
        /seq 3: the record is missing, although all up to 3 were durable/,
      );
    });

    it('refuses a journal that lacks what was told of it before', async () => {
      const prefix = await someTopics(broker, ['journal']);
      const head = await withJournal(prefix, async (journal) => {
        await append(journal, 1, 3);
        return journal.head();
      });
      await withJournal(prefix, (journal) => append(journal, 4, 6));
      const again = await openOn(broker, prefix, { published: head });
      await again.close();
      const told = { seq: 9, mac: head.mac };
      await expect(openOn(broker, prefix, { published: told })).rejects.toThrow(/head 9 told before is not there/);
      const other = { seq: 5, mac: head.mac };
      await expect(openOn(broker, prefix, { published: other })).rejects.toThrow(
        /head 5 told before is another record/,
      );
    });

    it('begins where retention has left every partition whole', async () => {
      const prefix = await someTopics(broker, ['journal']);
      const topic = `${prefix}journal`;
      await withJournal(prefix, (journal) => append(journal, 1, 900));
      const records = await withJournal(prefix, async (journal) => {
        const all: DecisionRecord[] = [];
        for await (const batch of journal.read(1)) all.push(...(batch as DecisionRecord[]));
        return all;
      });
      const partitionOne = (await messagesOf(broker, topic)).filter(({ partition }) => partition === 1);
      const cut = partitionOne[100]!;
      await removeBelow(broker, topic, 1, cut.offset);
      const firstLeft = cut.value.readDoubleLE(16); // the frame’s seq
      await withJournal(prefix, async (journal) => {
        expect(journal.firstSeq).toBe(firstLeft);
        expect(await seqsOf(journal)).toEqual(range(firstLeft, 900));
        expect(journal.knownId(records[0]!.transaction.transactionId)).toBeUndefined();
        await append(journal, 901, 910);
        expect(await seqsOf(journal, 890)).toEqual(range(890, 910));
      });
      await withJournal(prefix, () => Promise.resolve()); // notes how far the journal reached
      await removeBelow(broker, topic, 2, -1);
      const left = (await messagesOf(broker, topic)).filter(({ header }) => header('claim') === undefined);
      const seqsLeft = left.map(({ value }) => value.readDoubleLE(16)).sort((a, b) => a - b);
      await withJournal(prefix, async (journal) => {
        expect(journal.head().seq).toBe(910);
        expect(await seqsOf(journal)).toEqual(range(journal.firstSeq, 910));
        expect(seqsLeft).toEqual(expect.arrayContaining(range(journal.firstSeq, 910)));
        expect(seqsLeft).not.toContain(journal.firstSeq - 1);
      });
      for (const partition of [0, 1, 2]) await removeBelow(broker, topic, partition, -1);
      await expect(openOn(broker, prefix)).rejects.toThrow(/retention has removed every record/);
    });

    it('says so when no broker answers', async () => {
      await expect(openOn('127.0.0.1:1', 'x', { patienceMs: 500 })).rejects.toMatchObject({
        code: 'BROKER_UNAVAILABLE',
      });
    });

    it('says so when the topic is not there', async () => {
      await expect(openOn(broker, 'never-made.')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    });
  });
}
