/** The connection of the ledger breaks in the middle of a transaction. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultKind } from '../fault.ts';

/** Messages of a client into its transaction: from its beginning to its commit there are some ten. */
const MOST_MESSAGES = 12;
/** Long enough for the ledger to write at least one batch. */
const UNTIL_CUT_MS = 1_500;

export const postgresCut: FaultKind = {
  name: 'postgres cuts',
  sentence: 'Connections to PostgreSQL cut in the middle of a transaction.',
  usual: 8,
  lane: 'rest',
  async strike({ lines, random }) {
    lines.line.postgres.cutAfter(random.integer(MOST_MESSAGES));
    await sleep(UNTIL_CUT_MS);
    lines.line.postgres.heal();
  },
};
