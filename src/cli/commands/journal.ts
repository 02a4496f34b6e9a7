/** sentinel journal: what the journal holds, read without disturbing a running service. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { segmentNumbers } from '../../adapters/segments/recovery.ts';
import { segmentPath } from '../../adapters/segments/segment-files.ts';
import { formatRfc3339 } from '../../domain/time.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { type Command } from '../command.ts';
import { DATA } from '../data-directory.ts';
import { type SegmentFacts, type TopicFacts } from '../journal-evidence.ts';
import { JOURNAL_SETTINGS, kafkaPlaceOf } from '../kafka-place.ts';
import { segmentEvidence } from '../segment-evidence.ts';
import { topicEvidence } from '../topic-evidence.ts';

interface LocalFacts extends Omit<SegmentFacts, 'records'> {
  readonly directory: string;
  /** On disk, what is reserved for the next records included. */
  readonly bytes: number;
}

type JournalInfo = (LocalFacts | Omit<TopicFacts, 'records'>) & {
  /** By type. */
  readonly records: Readonly<Record<string, number>>;
  /** RFC 3339; absent when the journal is empty. */
  readonly firstArrival?: string;
  readonly lastArrival?: string;
};

async function bytesIn(directory: string): Promise<number> {
  let bytes = 0;
  for (const number of await segmentNumbers(directory)) bytes += (await stat(segmentPath(directory, number))).size;
  return bytes;
}

function extentOf(info: JournalInfo): string {
  if ('segments' in info) {
    return `${info.directory}: ${info.segments} segments, ${info.blocks} blocks, ${(info.bytes / 2 ** 20).toFixed(0)} MiB`;
  }
  const { topic, partitions, messages, seals, unsealed } = info;
  return `topic ${topic}: ${partitions} partitions, ${messages} messages, ${seals} seals, ${unsealed} messages unsealed`;
}

export const command: Command<JournalInfo> = {
  settings: JOURNAL_SETTINGS,
  example: 'sentinel journal --data-dir data',
  async run({ config, progress, signal }) {
    const settings = config();
    const { dataDir } = settings;
    const place = kafkaPlaceOf(settings);
    const evidence = await (place === undefined ? segmentEvidence(dataDir) : topicEvidence(place, dataDir));
    const records: Partial<Record<JournalRecord['type'], number>> = {};
    const bar = progress('journal', undefined, 'records');
    let [firstMs, lastMs, seen] = [NaN, NaN, 0];
    const facts = await evidence.inspect(
      ({ type, arrivalMs }) => {
        signal.throwIfAborted();
        records[type] = (records[type] ?? 0) + 1;
        if (seen++ === 0) firstMs = arrivalMs;
        lastMs = arrivalMs;
        bar.update(seen);
        return Promise.resolve();
      },
      () => undefined, // counted in the facts
    );
    bar.finish();
    const times = seen === 0 ? {} : { firstArrival: formatRfc3339(firstMs), lastArrival: formatRfc3339(lastMs) };
    if ('topic' in facts) return { ...facts, records, ...times };
    const directory = join(dataDir, DATA.journal);
    return { ...facts, directory, bytes: await bytesIn(directory), records, ...times };
  },
  render(info) {
    const { records, firstSeq, head, firstArrival, lastArrival, problems } = info;
    const kinds = Object.entries(records).map(([type, count]) => `${count} ${type}`);
    return [
      extentOf(info),
      `seq ${firstSeq} to ${head.seq}: ${kinds.join(', ') || 'no records'}`,
      firstArrival === undefined ? 'nothing has arrived' : `arrived ${firstArrival} to ${lastArrival}`,
      `head ${head.seq}:${head.mac}`,
      ...(problems > 0 ? [`${problems} problems: see sentinel verify`] : []),
    ].join('\n');
  },
};
