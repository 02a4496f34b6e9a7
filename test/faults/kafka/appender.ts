/** A process that appends to the topic without end; it tells when it begins, and why it ends by itself. */
import { appendEndlessly, tell } from '../../support/endless-appender.ts';
import { openOn } from '../../support/kafka.ts';

const [broker, prefix, run] = process.argv.slice(2) as [string, string, string];

const journal = await openOn(broker, prefix, {
  onPoison: (error) => {
    tell(`poisoned ${String(error.cause ?? error)}\n`);
    process.exit(1);
  },
});
tell(`opened ${journal.head().seq}\n`);
await appendEndlessly(journal, run);
