/** Where the configuration puts journal and ledger, for the words of errors; no password among them. */
import { join } from 'node:path';
import { addressOf } from '../adapters/postgres/database-errors.ts';
import { type Config } from '../config.ts';
import { databaseServerOf } from '../database-settings.ts';
import { kafkaClusterOf } from '../kafka-settings.ts';
import { journalTopicOf } from './journal-topic.ts';

export function placesOf(config: Config): { readonly ledger: string; readonly journal: string } {
  const [cluster, server] = [kafkaClusterOf(config), databaseServerOf(config)];
  return {
    journal:
      cluster === undefined
        ? join(config.dataDir, 'journal')
        : `${cluster.brokers.join(', ')}, topic ${journalTopicOf(cluster)}`,
    ledger: server === undefined ? join(config.dataDir, 'ledger') : addressOf(server.url),
  };
}
