/** A process that appends to a directory without end. */
import { openSegmentJournal } from '../../../src/adapters/segments/journal.ts';
import { appendEndlessly } from '../../support/endless-appender.ts';

const [directory, run, segmentBytes] = process.argv.slice(2) as [string, string, string];

const journal = await openSegmentJournal({
  directory,
  segmentBytes: Number(segmentBytes),
  onPoison: (error) => {
    throw error;
  },
});
await appendEndlessly(journal, run);
