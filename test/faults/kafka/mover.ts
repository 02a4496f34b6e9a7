/** A process that moves a journal of segments to the topic; it tells how many records it has written, and is killed in the midst of it. */
import { topicFrames } from '../../../src/adapters/kafka/topic-frames.ts';
import { segmentFrames } from '../../../src/adapters/segments/segment-frames.ts';
import { createDigest } from '../../../src/adapters/system/digest.ts';
import { moveJournal } from '../../../src/usecases/move-journal.ts';
import { tell } from '../../support/endless-appender.ts';
import { keyOf } from '../../support/journals.ts';
import { JOURNAL_KEY } from '../../support/kafka.ts';

const [broker, prefix, directory, killAt] = process.argv.slice(2) as [string, string, string, string];

/** It kills itself, a moment after so many are written: on a busy machine another's kill may come when the move is over. */
let kill: NodeJS.Timeout | undefined;
const onRecords = (records: number): void => {
  tell(`${records}\n`);
  if (records >= Number(killAt)) kill ??= setTimeout(() => process.kill(process.pid, 'SIGKILL'), records % 5);
};

await moveJournal(
  segmentFrames({ directory, key: await keyOf(directory) }),
  topicFrames({ brokers: [broker], topic: `${prefix}journal`, key: JOURNAL_KEY.key }),
  { createDigest, onRecords },
);
