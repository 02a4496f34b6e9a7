/** A process that appends decisions without end and tells each one that became durable; made to be killed. */
import { writeSync } from 'node:fs';
import { openSegmentJournal } from '../../../src/adapters/segments/journal.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

const [directory, run, segmentBytes] = process.argv.slice(2) as [string, string, string];
const STDOUT = 1;
/** Appends between two turns of the event loop: makes blocks of many records as well as of one. */
const LARGEST_BURST = 40;

const journal = await openSegmentJournal({
  directory,
  segmentBytes: Number(segmentBytes),
  onPoison: (error) => {
    throw error;
  },
});

for (let index = 0, burst = 1; ; burst = (burst * 7) % LARGEST_BURST || 1) {
  const committed: Promise<void>[] = [];
  for (const end = index + burst; index < end; index += 1) {
    const id = `${run}-${index}`;
    const place = journal.append(aDecisionOf(id, { arrivalMs: 1_000 * (index + 1) }));
    committed.push(place.committed.then(() => tell(`${place.seq} ${id}\n`)));
  }
  await Promise.all(committed);
}

/** Writes at once, so that what was told before the kill is told; waits where the reader lags behind. */
function tell(line: string): void {
  const bytes = Buffer.from(line);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(STDOUT, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
