/** The journal on Kafka, to be proved while instances may be writing it: MACs, seals, order, gaps, the head told before. */
import { join } from 'node:path';
import { type PlacedFrame } from '../adapters/kafka/envelope.ts';
import { hex } from '../adapters/kafka/open-topic.ts';
import { type SealReport, verifySeals } from '../adapters/kafka/seals.ts';
import { scanTopic, type TopicScanned } from '../adapters/kafka/topic-scan.ts';
import { newestSnapshotHeader } from '../adapters/segments/snapshot-store.ts';
import { createDigest } from '../adapters/system/digest.ts';
import { PRIMITIVES } from '../adapters/system/byte-primitives.ts';
import { type JournalProblem } from '../adapters/segments/verify.ts';
import { SentinelError } from '../domain/errors.ts';
import { viewOf } from '../journal/bytes.ts';
import { takeRecord } from '../journal/frame.ts';
import { type JournalHead } from '../ports/journal.ts';
import { type SnapshotHeader } from '../ports/snapshot-store.ts';
import { DATA } from './data-directory.ts';
import { type JournalEvidence, type TakeRecord } from './journal-evidence.ts';
import { type KafkaPlace } from './kafka-place.ts';

/** `published`: a head told to the world; that of the newest snapshot in the data directory without one. */
export async function topicEvidence(
  place: KafkaPlace,
  dataDir: string,
  published?: JournalHead,
): Promise<JournalEvidence> {
  const told: Pick<SnapshotHeader, 'seq' | 'mac' | 'place'> | undefined =
    published ?? (await newestSnapshotHeader(join(dataDir, DATA.snapshots), place.chainKey));
  const { topic } = place;

  const scan = async (
    onDamage: (partition: number, offset: number, problem: string) => void,
    take: (record: PlacedFrame) => Promise<void>,
  ): Promise<TopicScanned> => {
    const records = scanTopic({ ...place, onDamage });
    for (;;) {
      const step = await records.next();
      if (step.done) return step.value;
      for (const record of step.value) await take(record);
    }
  };
  const opened = ({ frame }: PlacedFrame) => takeRecord(frame, viewOf(frame), 0, PRIMITIVES);

  return {
    async inspect(take, onProblem) {
      let problems = 0;
      const report = (at: Pick<JournalProblem, 'file' | 'offset' | 'seq' | 'problem'>): void => {
        problems += 1;
        onProblem({ ...at, tornTail: false });
      };
      const onDamage = (partition: number, offset: number, problem: string): void =>
        report({ file: partitionName(topic, partition), offset, seq: 0, problem });
      let records = 0;
      let isTold: boolean | undefined;
      const scanned = await scan(onDamage, async (record) => {
        records += 1;
        if (record.seq === told?.seq) isTold = markIn(record, told) === told.mac;
        await take(opened(record));
      });
      const { firstSeq, lastSeq, missing, partitions, messages, waiting, mac } = scanned;
      if (missing !== undefined) {
        report({ file: `topic ${topic}`, offset: 0, seq: missing, problem: 'the record is missing, although later ones say that it was durable' }); // prettier-ignore
      }
      const headProblem = told && headProblemOf(told, isTold, scanned);
      if (headProblem !== undefined) {
        report({ file: `topic ${topic}`, offset: 0, seq: told!.seq, problem: headProblem });
      }
      const sealed = await verifySeals({ ...place }).catch((error: unknown): SealReport => {
        if (!(error instanceof SentinelError) || error.code !== 'JOURNAL_CORRUPT') throw error;
        return { seals: 0, messages: 0, unsealed: messages, problems: [{ partition: 0, from: 0, problem: error.message }] }; // prettier-ignore
      });
      for (const { partition, from, problem } of sealed.problems) {
        report({ file: partitionName(topic, partition), offset: from, seq: 0, problem });
      }
      const { seals, unsealed } = sealed;
      const head = { seq: lastSeq, mac };
      return { topic, partitions, messages, waiting, seals, unsealed, records, firstSeq, head, problems };
    },
    async replay(throughSeq, take: TakeRecord) {
      const ignored = (): void => undefined; // told by `inspect`
      await scan(ignored, async (record) => {
        if (record.seq <= throughSeq) await take(opened(record));
      });
    },
  };
}

function partitionName(topic: string, partition: number): string {
  return `topic ${topic}, partition ${partition}`;
}

/** What a head or a snapshot names the record by: its MAC, or, where several write, what does not depend on the writer. */
function markIn({ mac, frame }: PlacedFrame, { place }: Pick<SnapshotHeader, 'place'>): string {
  if (place === undefined) return hex(mac);
  const digest = createDigest();
  digest.update(frame);
  return digest.hex();
}

/** What contradicts a head told before; one that retention has removed tells nothing. */
function headProblemOf(
  told: JournalHead,
  isTold: boolean | undefined,
  { firstSeq, lastSeq }: TopicScanned,
): string | undefined {
  if (told.seq === 0 || (told.seq < firstSeq && lastSeq > 0)) return undefined;
  if (isTold === undefined) return `seq ${told.seq} was published, but the journal ends with ${lastSeq}`;
  return isTold ? undefined : 'the record is not the one that was published';
}
