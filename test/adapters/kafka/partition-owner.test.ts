import { type Admin, type Consumer, type Kafka, type Producer } from 'kafkajs';
import { expect, it } from 'vitest';
import { ownPartition } from '../../../src/adapters/kafka/partition-owner.ts';

it('asks no more how far a partition is finished once the worker is closed', async () => {
  let asked = 0;
  const closing = new AbortController();
  const admin: Partial<Admin> = {
    fetchOffsets: () => {
      asked += 1;
      if (asked === 2) closing.abort();
      return Promise.reject(new Error('the coordinator moves'));
    },
  };
  const producer: Partial<Producer> = { connect: () => Promise.resolve(), disconnect: () => Promise.resolve() };
  const kafka: Partial<Kafka> = { producer: () => producer as Producer };
  const owned = ownPartition({
    kafka: kafka as Kafka, // these are all it is asked for
    admin: admin as Admin,
    consumer: {} as Consumer,
    groupId: 'g',
    topic: 't',
    partition: 0,
    delivery: 'at-least-once',
    signal: closing.signal,
  });
  await expect(owned).rejects.toThrow();
  expect(asked).toBe(2);
});
