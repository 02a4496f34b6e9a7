import { openSegmentJournal, type SegmentJournalOptions } from '../../../src/adapters/segments/journal.ts';
import { type Journal } from '../../../src/ports/journal.ts';
import { describeJournal } from '../../contracts/journal.ts';
import { aDirectory } from '../../support/directories.ts';

/** Small enough that a few records fill a segment. */
const SEGMENT_BYTES = 64 * 1024;

describeJournal('segments', { durable: true }, async () => {
  const options: SegmentJournalOptions = { directory: aDirectory(), segmentBytes: SEGMENT_BYTES };
  let journal: Journal = await openSegmentJournal(options);
  return {
    journal,
    reopen: async () => {
      await journal.close();
      return (journal = await openSegmentJournal(options));
    },
    dispose: () => journal.close(),
  };
});
