/** sentinel journal: what the journal holds, read without disturbing a running service. */
import { stat } from 'node:fs/promises';
import { formatRfc3339 } from '../../domain/time.ts';
import { join } from 'node:path';
import { chainKeyOf } from '../data-directory.ts';
import { scanJournal } from '../../adapters/segments/verify.ts';
import { segmentNumbers } from '../../adapters/segments/recovery.ts';
import { segmentPath } from '../../adapters/segments/segment-files.ts';
import { type JournalRecord } from '../../journal/record.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { type Command } from '../command.ts';

interface JournalInfo {
  readonly directory: string;
  readonly segments: number;
  readonly blocks: number;
  /** On disk, what is reserved for the next records included. */
  readonly bytes: number;
  readonly records: Readonly<Record<string, number>>;
  readonly firstSeq: number;
  readonly head: JournalHead;
  /** RFC 3339; absent when the journal is empty. */
  readonly firstArrival?: string;
  readonly lastArrival?: string;
  readonly problems: number;
}

export const command: Command<JournalInfo> = {
  settings: ['dataDir'],
  example: 'sentinel journal --data-dir data',
  async run({ config, progress, signal }) {
    const { dataDir } = config();
    const directory = join(dataDir, 'journal');
    const key = await chainKeyOf(dataDir);
    const records: Partial<Record<JournalRecord['type'], number>> = {};
    const bar = progress('journal', undefined, 'records');
    let [firstMs, lastMs, seen] = [NaN, NaN, 0];
    const scan = await scanJournal({
      directory,
      key,
      onProblem: () => undefined, // counted by the scan
      onRecord({ type, arrivalMs }) {
        records[type] = (records[type] ?? 0) + 1;
        if (seen++ === 0) firstMs = arrivalMs;
        lastMs = arrivalMs;
      },
      onSegment: async () => {
        signal.throwIfAborted();
        bar.update(seen);
      },
    });
    bar.finish();
    let bytes = 0;
    for (const number of await segmentNumbers(directory)) bytes += (await stat(segmentPath(directory, number))).size;
    const { segments, blocks, firstSeq, head, problems } = scan;
    const times = seen === 0 ? {} : { firstArrival: formatRfc3339(firstMs), lastArrival: formatRfc3339(lastMs) };
    return { directory, segments, blocks, bytes, records, firstSeq, head, ...times, problems };
  },
  render({ directory, segments, blocks, bytes, records, firstSeq, head, firstArrival, lastArrival, problems }) {
    const kinds = Object.entries(records).map(([type, count]) => `${count} ${type}`);
    return [
      `${directory}: ${segments} segments, ${blocks} blocks, ${(bytes / 2 ** 20).toFixed(0)} MiB`,
      `seq ${firstSeq} to ${head.seq}: ${kinds.join(', ') || 'no records'}`,
      firstArrival === undefined ? 'nothing has arrived' : `arrived ${firstArrival} to ${lastArrival}`,
      `head ${head.seq}:${head.mac}`,
      ...(problems > 0 ? [`${problems} problems: see sentinel verify`] : []),
    ].join('\n');
  },
};
