/** A worker that answers each message of the topic with its place; made to be killed. */
import { openTransactionStream } from '../../../src/adapters/kafka/transaction-stream.ts';
import { handled, JOURNAL_KEY } from '../../support/kafka.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';

const [broker, prefix] = process.argv.slice(2) as [string, string];
const SESSION_MS = 6_000; // the least a broker takes by default

const stream = await openTransactionStream({
  brokers: [broker],
  prefix,
  groupId: `${prefix}workers`,
  key: JOURNAL_KEY.key,
  sessionMs: SESSION_MS,
  batchLimit: 50,
  handlers: {
    [`${prefix}transactions`]: (messages) =>
      handled(
        messages.map(({ partition, offset, key, value }) => ({
          kind: 'handled',
          sends: [{ topic: 'decisions', key: key!, value: `${partition}:${offset}:${String(value)}` }],
          records: [{ ...aDecisionOf(`${partition}:${offset}`), seq: 1 }],
        })),
      ),
  },
  onFailure: (error) => {
    console.error(error);
    process.exit(1);
  },
});

process.on('SIGTERM', () => {
  void stream.close().then(() => process.exit(0));
});
