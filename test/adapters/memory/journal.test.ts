import { createMemoryJournal } from '../../../src/adapters/memory/journal.ts';
import { describeJournal } from '../../contracts/journal.ts';

describeJournal('memory', { durable: false }, async () => {
  const journal = createMemoryJournal();
  return { journal, dispose: () => journal.close() };
});
