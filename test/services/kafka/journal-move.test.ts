import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPlacedKafkaJournal } from '../../../src/adapters/kafka/placed-journal.ts';
import { sealJournal, verifySeals } from '../../../src/adapters/kafka/seals.ts';
import { takeOverSharedJournal } from '../../../src/adapters/kafka/take-over-shared.ts';
import { topicFrames } from '../../../src/adapters/kafka/topic-frames.ts';
import { chainKey } from '../../../src/adapters/segments/chain-key.ts';
import { segmentFrames } from '../../../src/adapters/segments/segment-frames.ts';
import { type JournalRecord } from '../../../src/journal/record.ts';
import { type JournalFrames } from '../../../src/ports/journal-copy.ts';
import { moveJournal } from '../../../src/usecases/move-journal.ts';
import { aDirectory } from '../../support/directories.ts';
import { bytesOf, DIGESTED } from '../../support/journal-copies.ts';
import { aJournalOf, appendEach, keyOf, openSmall, range, recordsOf, seqsOf } from '../../support/journals.ts';
import { JOURNAL_KEY, messagesOf, openOn, removeBelow, someTopics } from '../../support/kafka.ts';
import { serverAddress } from '../../support/servers.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

const found = serverAddress('kafka');

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;
  const topicOf = (prefix: string, marks: readonly number[] = []) =>
    topicFrames({ brokers: [broker], topic: `${prefix}journal`, key: JOURNAL_KEY.key, marks });

  /** A directory with a journal of `count` records, and the way to read it. */
  const segmentsOf = async (
    count: number,
  ): Promise<{ directory: string; frames: ReturnType<typeof segmentFrames> }> => {
    const directory = aDirectory();
    await aJournalOf(directory, count);
    return { directory, frames: segmentFrames({ directory, key: await keyOf(directory) }) };
  };

  /** A journal that fails after `count` pieces in its `pass`th reading. */
  const failing = (journal: JournalFrames, pass: number, count: number): JournalFrames => {
    let passes = 0;
    return {
      async *frames() {
        const isIt = ++passes === pass;
        let left = count;
        for await (const frames of journal.frames()) {
          if (isIt && left-- === 0) throw new Error('interrupted');
          yield frames;
        }
      },
    };
  };

  describe('a journal moved between segments and Kafka', () => {
    it('is the same in the topic and back again, to the bit, and goes on in both', async () => {
      const { directory, frames } = await segmentsOf(700);
      const prefix = await someTopics(broker, ['journal', 'seals']);
      const topic = topicOf(prefix, [300]);
      expect(await moveJournal(frames, topic, DIGESTED)).toMatchObject({ records: 700, firstSeq: 1, written: 700 });
      expect(await bytesOf(topic)).toEqual(await bytesOf(frames));
      await sealJournal({ brokers: [broker], prefix, key: JOURNAL_KEY.key });
      const journal = await openOn(broker, prefix, { published: { seq: 300, mac: topic.markAt(300)!.mac } });
      expect(journal.firstSeq).toBe(1);
      expect(await journal.findDecision('t7')).toMatchObject({ seq: 7 });
      await appendEach(journal, 20, 701);
      await journal.close();
      const seals = await verifySeals({ brokers: [broker], prefix, key: JOURNAL_KEY.key });
      expect(seals.problems).toEqual([]);

      const to = aDirectory();
      const secret = randomBytes(32);
      writeFileSync(join(to, 'chain.key'), `${secret.toString('hex')}\n`);
      await moveJournal(topic, segmentFrames({ directory: to, key: chainKey(secret) }), DIGESTED);
      const back = await openSmall(to);
      expect((await recordsOf(back)).slice(0, 700)).toEqual(await recordsAt(directory));
      expect(await seqsOf(back)).toEqual(range(1, 720));
      await back.close();
    });

    it('goes on where it was interrupted', async () => {
      const { frames } = await segmentsOf(400);
      const prefix = await someTopics(broker, ['journal']);
      const topic = topicOf(prefix);
      for (const pieces of [0, 150, 220]) {
        // The survey reads once; the comparison with what is there once more, where there is anything.
        const pass = pieces === 0 || pieces === 150 ? 2 : 3;
        await expect(moveJournal(failing(frames, pass, pieces), topic, DIGESTED)).rejects.toThrow('interrupted');
      }
      const { written } = await moveJournal(frames, topic, DIGESTED);
      expect(written).toBe(400 - 220);
      expect(await bytesOf(topic)).toEqual(await bytesOf(frames));
      expect(await moveJournal(frames, topic, DIGESTED)).toMatchObject({ written: 0 });
    });

    it('is refused by a topic that holds something else, which stays as it was', async () => {
      const { frames } = await segmentsOf(40);
      const prefix = await someTopics(broker, ['journal']);
      const journal = await openOn(broker, prefix);
      await appendEach(journal, 5, 100);
      const before = await messagesOf(broker, `${prefix}journal`);
      await expect(moveJournal(frames, topicOf(prefix), DIGESTED)).rejects.toThrow(
        /records up to seq 5 are not the same/,
      );
      expect(await messagesOf(broker, `${prefix}journal`)).toHaveLength(before.length);
      await journal.append(aDecisionOf('still its own')).committed;
      await journal.close();
    });

    it('is not deleted at once for its age: messages carry the time of the import', async () => {
      const { frames } = await segmentsOf(3); // arrivals of 1970
      const prefix = await someTopics(broker, ['journal'], 1);
      const began = Date.now();
      await moveJournal(frames, topicOf(prefix), DIGESTED);
      const messages = await messagesOf(broker, `${prefix}journal`);
      for (const { timestampMs } of messages) expect(timestampMs).toBeGreaterThanOrEqual(began - 1_000);
    });

    it('keeps its places when its beginning is gone, for one instance and for several', async () => {
      const from = aDirectory();
      const old = await openSmall(from);
      await appendEach(old, 90);
      await old.dropBefore(old.segments()[1]!.lastSeq + 1);
      const records = await recordsOf(old);
      await old.close();
      const frames = segmentFrames({ directory: from, key: await keyOf(from) });
      const prefix = await someTopics(broker, ['journal']);
      await expect(moveJournal(failing(frames, 2, 10), topicOf(prefix), DIGESTED)).rejects.toThrow('interrupted');
      await moveJournal(frames, topicOf(prefix), DIGESTED);
      const alone = await openOn(broker, prefix);
      expect([alone.firstSeq, alone.head().seq]).toEqual([records[0]!.seq, 90]);
      await appendEach(alone, 1, 91);
      expect((await recordsOf(alone)).slice(0, -1)).toEqual(records);
      const options = { brokers: [broker], topic: `${prefix}journal`, key: JOURNAL_KEY.key };
      const taken: JournalRecord[] = [];
      const passed = (): Promise<void> => Promise.resolve();
      for await (const some of takeOverSharedJournal({ ...options, epoch: 99, onPassed: passed })) taken.push(...some);
      expect(taken.slice(0, -1)).toEqual(records);
      const shared = await openPlacedKafkaJournal(options);
      await shared.append({ ...aDecisionOf('t92'), seq: 92 }, 99);
      await shared.close();
      await alone.close();
      const archive = segmentFrames({ directory: aDirectory(), key: chainKey(randomBytes(32)) });
      expect(await moveJournal(topicOf(prefix), archive, DIGESTED)).toMatchObject({
        firstSeq: records[0]!.seq,
        lastSeq: 92,
      });

      const begun = await someTopics(broker, ['journal']);
      await (await openOn(broker, begun)).close();
      await expect(moveJournal(frames, topicOf(begun), DIGESTED)).rejects.toThrow(/its next record is seq 1/);
    });

    it('is read while it is written, up to some committed record', async () => {
      const prefix = await someTopics(broker, ['journal']);
      const journal = await openOn(broker, prefix);
      await appendEach(journal, 100);
      const writing = appendEach(journal, 300, 101);
      const archive = segmentFrames({ directory: aDirectory(), key: chainKey(randomBytes(32)) });
      const { lastSeq } = await moveJournal(topicOf(prefix), archive, DIGESTED);
      expect(lastSeq).toBeGreaterThanOrEqual(100);
      await writing;
      await journal.close();
      const whole = await bytesOf(topicOf(prefix));
      const copied = await bytesOf(archive);
      expect(whole.subarray(0, copied.length).equals(copied)).toBe(true);
    });

    it('that retention has shortened is archived from where it is whole, behind what the archive had', async () => {
      const prefix = await someTopics(broker, ['journal']);
      const topic = topicOf(prefix);
      const journal = await openOn(broker, prefix);
      await appendEach(journal, 300);
      const archive = segmentFrames({ directory: aDirectory(), key: chainKey(randomBytes(32)) });
      await moveJournal(topic, archive, DIGESTED);
      await appendEach(journal, 50, 301);
      await journal.close();
      const before = await bytesOf(topic);
      const [partition, messages] = await fullest(`${prefix}journal`);
      await removeBelow(broker, `${prefix}journal`, partition, messages[40]!.offset);
      const { firstSeq, written } = await moveJournal(topic, archive, DIGESTED);
      expect([firstSeq > 1, written]).toEqual([true, 50]);
      expect(await bytesOf(archive)).toEqual(before);
    });
  });

  async function fullest(topic: string): Promise<readonly [number, readonly { readonly offset: number }[]]> {
    const all = await messagesOf(broker, topic);
    const counts = range(0, 2).map((partition) => all.filter((message) => message.partition === partition));
    const longest = counts.reduce((a, b) => (b.length > a.length ? b : a));
    return [longest[0]!.partition, longest];
  }

  async function recordsAt(directory: string): ReturnType<typeof recordsOf> {
    const journal = await openSmall(directory);
    const records = await recordsOf(journal);
    await journal.close();
    return records;
  }
}
