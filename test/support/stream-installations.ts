/** An installation on real servers for tests of the stream: its settings, its topics, and what must hold in the end. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { createKafka } from '../../src/adapters/kafka/client.ts';
import { groupLag } from '../../src/adapters/kafka/group-lag.ts';
import { type Config } from '../../src/config.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { aDirectory } from './directories.ts';
import { messagesOf } from './kafka.ts';
import { aConfig } from './services.ts';
import { differencesIn, journalOf, type World } from './shared-worlds.ts';

export function anInstallation(
  broker: string,
  redisUrl: string,
  modelsDir: string,
  overrides: Readonly<Record<string, string>> = {},
): Config {
  const name = randomUUID();
  return aConfig(aDirectory(), modelsDir, {
    kafkaBrokers: broker,
    kafkaTopicPrefix: `${name}.`,
    kafkaGroup: name,
    kafkaPartitions: '4',
    redisUrl,
    redisName: name,
    ...overrides,
  });
}

/** Messages of both topics that the group has not finished. */
export async function unfinishedMessages({
  kafkaBrokers,
  kafkaGroup,
  kafkaTopicPrefix: prefix,
}: Config): Promise<number> {
  const admin = createKafka({ brokers: kafkaBrokers }).admin();
  await admin.connect();
  try {
    const lags = await groupLag(admin, kafkaGroup, [`${prefix}transactions`, `${prefix}labels`]);
    return lags.reduce((sum, { messages }) => sum + messages, 0);
  } finally {
    await admin.disconnect();
  }
}

export interface DecidedMessage {
  readonly transaction_id: string;
  readonly decision: string;
}

export async function decidedMessages({ kafkaBrokers, kafkaTopicPrefix }: Config): Promise<DecidedMessage[]> {
  const messages = await messagesOf(kafkaBrokers[0]!, `${kafkaTopicPrefix}decisions`);
  return messages.map(({ value }) => JSON.parse(value.toString()) as DecidedMessage);
}

/**
 * Each id has one message in `decisions` and one decision on record, the same one; no place is empty, and a replay by seq
 * decides alike. Returns the records.
 */
export async function expectDecidedOnce(
  config: Config,
  world: World,
  ids: readonly string[],
): Promise<readonly JournalRecord[]> {
  const decided = await decidedMessages(config);
  expect(decided.map(({ transaction_id: id }) => id).sort()).toEqual([...ids].sort());
  const records = await journalOf(world);
  const outcomes = new Map<string, string>();
  for (const record of records) {
    if (record.type !== 'decision') continue;
    expect(outcomes.has(record.transaction.transactionId)).toBe(false);
    outcomes.set(record.transaction.transactionId, record.outcome);
  }
  for (const { transaction_id: id, decision } of decided) expect(outcomes.get(id)).toBe(decision);
  expect(await differencesIn(records, world)).toEqual([]);
  return records;
}
