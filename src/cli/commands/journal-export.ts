/** sentinel journal export: what is in the journal as segments, for an archive. */
import { join } from 'node:path';
import { topicFrames } from '../../adapters/kafka/topic-frames.ts';
import { exportSegments } from '../../adapters/segments/copy.ts';
import { segmentFrames } from '../../adapters/segments/segment-frames.ts';
import { createDigest } from '../../adapters/system/digest.ts';
import { writingTo } from '../../adapters/system/failure-place.ts';
import { moveJournal } from '../../usecases/move-journal.ts';
import { framesWithin } from '../../usecases/survey-frames.ts';
import { type Command } from '../command.ts';
import { chainKeyOf, DATA } from '../data-directory.ts';
import { JOURNAL_SETTINGS, type KafkaPlace, kafkaPlaceOf } from '../kafka-place.ts';

interface Exported {
  readonly directory: string;
  /** Copied; of a journal on Kafka the records written anew. */
  readonly segments?: number;
  readonly written?: number;
  /** `seq` of the first and the last record exported; 0 when there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Everything that is committed, behind what the archive holds already. */
async function exportTopic(place: KafkaPlace, directory: string, beforeSeq: number, signal: AbortSignal): Promise<Exported> {
  const topic = topicFrames(place);
  const source = {
    async *frames() {
      for await (const frames of topic.frames()) yield framesWithin(frames, 0, beforeSeq - 1);
    },
  };
  const archive = segmentFrames({ directory, key: place.chainKey });
  const { written, firstSeq, lastSeq } = await moveJournal(source, archive, { createDigest, signal });
  return { directory, written, firstSeq, lastSeq };
} // prettier-ignore

export const command: Command<Exported> = {
  arguments: [{ name: 'directory', required: true, sentence: 'Where the copies go.' }],
  options: [
    { name: 'before', type: 'whole number', value: 'SEQ', minimum: 1, sentence: 'Only segments that end before this record; of a journal on Kafka the records before it. (default all that are sealed; on Kafka all)' },
  ], // prettier-ignore
  settings: JOURNAL_SETTINGS,
  example: 'sentinel journal export archive/journal',
  async run({ given, config, signal }) {
    const settings = config();
    const { dataDir } = settings;
    const directory = given.text('directory');
    const beforeSeq = given.optionalNumber('before') ?? Number.MAX_SAFE_INTEGER;
    const place = kafkaPlaceOf(settings);
    if (place !== undefined) return writingTo(directory, () => exportTopic(place, directory, beforeSeq, signal));
    const key = await chainKeyOf(dataDir);
    const exported = await writingTo(directory, () =>
      exportSegments({ from: join(dataDir, DATA.journal), to: directory, key, beforeSeq, signal }),
    );
    const [firstSeq, lastSeq] = [exported[0]?.firstSeq ?? 0, exported.at(-1)?.lastSeq ?? 0];
    return { directory, segments: exported.length, firstSeq, lastSeq };
  },
  render({ directory, segments, written, firstSeq, lastSeq }) {
    const keep = 'keep the key of the journal elsewhere';
    if (written !== undefined) return `${directory} holds the journal up to seq ${lastSeq}, ${written} records of it new; ${keep}`;
    return segments === 0
      ? 'No segment is sealed yet, or none ends before the record of --before; sentinel backup copies the open one too.'
      : `${segments} segments, seq ${firstSeq} to ${lastSeq}, copied to ${directory}; ${keep}`;
  }, // prettier-ignore
};
