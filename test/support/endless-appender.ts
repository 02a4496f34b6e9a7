/** Appends decisions without end and tells each one that became durable: for a process made to be killed. */
import { writeSync } from 'node:fs';
import { type Journal } from '../../src/ports/journal.ts';
import { aDecisionOf } from './unplaced-records.ts';

const STDOUT = 1;
/** Appends between two turns of the event loop: makes blocks of many records as well as of one. */
const LARGEST_BURST = 40;
const USERS = 50;

/** Ids are `run`, a dash and a number; each is told as “seq id”. */
export async function appendEndlessly(journal: Journal, run: string): Promise<never> {
  for (let index = 0, burst = 1; ; burst = (burst * 7) % LARGEST_BURST || 1) {
    const committed: Promise<void>[] = [];
    for (const end = index + burst; index < end; index += 1) {
      const id = `${run}-${index}`;
      const record = aDecisionOf(id, { arrivalMs: 1_000 * (index + 1) });
      const place = journal.append({ ...record, transaction: { ...record.transaction, userId: `u${index % USERS}` } });
      committed.push(place.committed.then(() => tell(`${place.seq} ${id}\n`)));
    }
    await Promise.all(committed);
  }
}

/** Writes at once, so that what was told before the kill is told; waits where the reader lags behind. */
export function tell(line: string): void {
  const bytes = Buffer.from(line);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(STDOUT, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
