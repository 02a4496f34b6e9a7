/** A process that moves a journal of segments to the topic; it tells how many records it has written. */
import { topicFrames } from '../../../src/adapters/kafka/topic-frames.ts';
import { segmentFrames } from '../../../src/adapters/segments/segment-frames.ts';
import { createDigest } from '../../../src/adapters/system/digest.ts';
import { moveJournal } from '../../../src/usecases/move-journal.ts';
import { tell } from '../../support/endless-appender.ts';
import { keyOf } from '../../support/journals.ts';
import { JOURNAL_KEY } from '../../support/kafka.ts';

const [broker, prefix, directory] = process.argv.slice(2) as [string, string, string];

await moveJournal(
  segmentFrames({ directory, key: await keyOf(directory) }),
  topicFrames({ brokers: [broker], topic: `${prefix}journal`, key: JOURNAL_KEY.key }),
  { createDigest, onRecords: (records) => tell(`${records}\n`) },
);
