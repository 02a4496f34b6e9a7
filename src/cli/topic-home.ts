/** The journal on Kafka as backups need it: saved as segments while instances write it, brought back into an empty topic. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { verifySeals } from '../adapters/kafka/seals.ts';
import { topicFrames } from '../adapters/kafka/topic-frames.ts';
import { type ChainKey, readChainKey } from '../adapters/segments/chain-key.ts';
import { segmentFrames } from '../adapters/segments/segment-frames.ts';
import { copySnapshots, snapshotSeqs } from '../adapters/segments/snapshot-copy.ts';
import { createDigest } from '../adapters/system/digest.ts';
import { SentinelError } from '../domain/errors.ts';
import { moveJournal } from '../usecases/move-journal.ts';
import { DATA } from './data-directory.ts';
import { type JournalHome } from './journal-home.ts';
import { type KafkaPlace } from './kafka-place.ts';
import { STAGED } from './copy-part.ts';

export interface TopicHomeOptions {
  readonly dataDir: string;
  /** Reads the key, which the backup brings when there is none yet. */
  readonly place: (backupKey?: ChainKey) => KafkaPlace;
  /** Whether instances share what they know, or one keeps it. */
  readonly isShared: boolean;
  /** Makes the topics where they are missing, for the models in a backup. */
  readonly prepare: (backup: string) => Promise<void>;
  /** Called when the journal has come into the topic. */
  readonly conclude: (place: KafkaPlace) => Promise<void>;
}

export function topicHome({ dataDir, isShared, place, prepare, conclude }: TopicHomeOptions): JournalHome {
  const snapshots = join(dataDir, DATA.snapshots);
  return {
    async save(draft, signal) {
      const kafka = place();
      const { chainKey } = kafka;
      const { problems } = await verifySeals(kafka);
      if (problems.length > 0) {
        const { partition, from, problem } = problems[0]!;
        throw new SentinelError('JOURNAL_CORRUPT', { place: `topic ${kafka.topic}, partition ${partition}, offset ${from}`, problem }); // prettier-ignore
      }
      const keyFile = join(draft, DATA.chainKey);
      await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 });
      await writeFile(keyFile, `${chainKey.key.export().toString('hex')}\n`, { mode: 0o600 });
      // Before the journal, so that none is ahead of it.
      const marks = await snapshotSeqs(snapshots, chainKey);
      const topic = topicFrames({ ...kafka, marks });
      const target = segmentFrames({ directory: join(draft, DATA.journal), key: chainKey, marks });
      const { written: _, ...journal } = await moveJournal(topic, target, { createDigest, signal });
      await copySnapshots({
        from: snapshots,
        fromKey: chainKey,
        belongs: ({ seq, mac, place: shared }) => topic.markAt(seq)?.[shared === undefined ? 'mac' : 'sha256'] === mac,
        to: join(draft, DATA.snapshots),
        toKey: chainKey,
        tieAt: target.tieAt,
      });
      return { head: target.head(), journal };
    },
    replaces: [DATA.snapshots],
    hold: () => ({ release: () => undefined }), // whoever writes the topic is told by the claim of the import
    async stage(backup, signal) {
      const backupKey = (await readChainKey(join(backup, DATA.chainKey)))!; // the manifest was checked
      const kafka = place(backupKey);
      await prepare(backup);
      const from = join(backup, DATA.snapshots);
      const marks = await snapshotSeqs(from, backupKey);
      const source = segmentFrames({ directory: join(backup, DATA.journal), key: backupKey, marks });
      const topic = topicFrames({ ...kafka, marks });
      await moveJournal(source, topic, { createDigest, signal });
      await copySnapshots({
        from,
        fromKey: backupKey,
        belongs: ({ seq, mac }) => source.tieAt(seq)?.mac === mac,
        to: snapshots + STAGED,
        toKey: kafka.chainKey,
        tieAt(seq) {
          const mark = topic.markAt(seq);
          if (mark === undefined || !isShared) return mark && { mac: mark.mac };
          return { mac: mark.sha256, place: JSON.stringify(topic.beginning()) };
        },
      });
      await conclude(kafka);
    },
  };
}
