import { it } from 'vitest';
import { describeJournal } from '../../contracts/journal.ts';
import { openOn, someTopics } from '../../support/kafka.ts';
import { serverAddress } from '../../support/servers.ts';

const found = serverAddress('kafka');

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;
  describeJournal('the Kafka topic', { durable: true }, async () => {
    const prefix = await someTopics(broker, ['journal']);
    const journal = await openOn(broker, prefix);
    return {
      journal,
      reopen: async () => {
        await journal.close();
        return openOn(broker, prefix);
      },
      dispose: () => journal.close(),
    };
  });
}
