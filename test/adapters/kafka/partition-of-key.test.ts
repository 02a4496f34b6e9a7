import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { partitioner } from '../../../src/adapters/kafka/client.ts';
import { partitionOfKey } from '../../../src/adapters/kafka/partition-of-key.ts';

const metadataOf = (partitions: number): never =>
  Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 0 })) as never;
const own = partitioner();
const theirs = kafkajs.Partitioners.DefaultPartitioner();
const keys = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);

describe('the partition of a key', () => {
  it('is the one of Kafka’s own clients', () => {
    // org.apache.kafka.common.utils.Utils.murmur2 in UtilsTest.testMurmur2: 21 → -973932308, foobar → -790332482, and so on
    expect(partitionOfKey('21', 0x7fffffff)).toBe((-973_932_308 & 0x7fffffff) % 0x7fffffff);
    expect(partitionOfKey('foobar', 0x7fffffff)).toBe((-790_332_482 & 0x7fffffff) % 0x7fffffff);
    expect(partitionOfKey('a-little-bit-long-string', 0x7fffffff)).toBe((-985_981_536 & 0x7fffffff) % 0x7fffffff);
  });

  it('is that of kafkajs', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 100 }), (key, partitions) => {
        const given = { topic: 't', partitionMetadata: metadataOf(partitions), message: { key, value: null } };
        expect(partitionOfKey(key, partitions)).toBe(theirs(given));
        expect(own(given)).toBe(theirs(given));
      }),
    );
  });

  it('gives way to a partition that is given, and to kafkajs where there is no key', () => {
    const partitionMetadata = metadataOf(4);
    expect(own({ topic: 't', partitionMetadata, message: { key: 'k', value: null, partition: 3 } })).toBe(3);
    const spread = Array.from({ length: 4 }, () => own({ topic: 't', partitionMetadata, message: { value: null } }));
    expect(new Set(spread).size).toBeGreaterThan(1);
  });
});
