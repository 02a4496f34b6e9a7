/** Every byte of a request as kafkajs itself writes it. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ProduceOrder, type ProduceRequest, produceRequest } from '../../../src/adapters/kafka/produce-request.ts';

type Produce = (order: ProduceOrder) => ProduceRequest;

const require = createRequire(import.meta.url);
const place = require.resolve('kafkajs/src/protocol/requests/produce/v3/request.js');
const installed = require(place) as Produce;
Reflect.deleteProperty(require.cache, place);
const original = require(place) as Produce;

const bytesOf = async (request: ProduceRequest): Promise<Buffer> => (await request.encode()).buffer;

const buffers = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const texts = fc.string({ unit: 'binary', maxLength: 80 });
const headers = fc.dictionary(texts, fc.oneof(buffers, texts, fc.array(fc.oneof(buffers, texts), { maxLength: 3 })), {
  maxKeys: 4,
});
const message = fc.record({
  key: fc.oneof(fc.constant(null), buffers, texts),
  value: fc.oneof(fc.constant(null), buffers, texts, fc.constant(Buffer.alloc(20_000, 7))),
});
const messages = fc.oneof(
  fc.array(fc.record({ message, headers }), { minLength: 1, maxLength: 12 }).map((all) => all.map(({ message: each, headers: own }) => ({ ...each, headers: own }))),
  fc.array(message, { minLength: 1, maxLength: 5 }),
  // Of as many digits each: kafkajs sorts them as texts.
  fc.array(fc.record({ message, at: fc.integer({ min: 1e12, max: 9e12 }) }), { minLength: 1, maxLength: 5 }).map((all) => all.map(({ message: each, at }) => ({ ...each, timestamp: String(at) }))),
); // prettier-ignore
const partitions = fc.array(
  fc.record({ partition: fc.nat(11), firstSequence: fc.nat(2 ** 31 - 1), messages }),
  { maxLength: 4 },
); // prettier-ignore
const orders: fc.Arbitrary<ProduceOrder> = fc.record({
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(60_000),
  transactionalId: fc.oneof(fc.constant(null), fc.string({ minLength: 1, maxLength: 20 })),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }).map(String),
  producerEpoch: fc.nat(32_767),
  topicData: fc.array(fc.record({ topic: texts, partitions }), { maxLength: 3 }),
});

describe('produceRequest', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: 1_750_000_000_123 }));
  afterEach(() => vi.useRealTimers());

  it('stands in the place of kafkajs’s own', () => {
    expect(installed).toBe(produceRequest);
    expect(original).not.toBe(produceRequest);
  });

  it('writes what kafkajs writes, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const [ours, theirs] = [produceRequest(order), original(order)];
        expect((await bytesOf(ours)).equals(await bytesOf(theirs))).toBe(true); // toEqual takes a second for long ones
        expect(ours.expectResponse()).toBe(theirs.expectResponse());
        const { apiKey, apiVersion, apiName } = theirs;
        expect(ours).toMatchObject({ apiKey, apiVersion, apiName });
      }),
      { numRuns: 300 },
    );
  });

  it('writes one without a producer’s number as kafkajs does', async () => {
    const order = { acks: 1, timeout: 5, topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: 'v' }] }] }] }; // prettier-ignore
    expect(await bytesOf(produceRequest(order))).toEqual(await bytesOf(original(order)));
  });

  it('leaves compressed batches to kafkajs', async () => {
    const order = { acks: 1, timeout: 5, compression: 1, topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: 'v'.repeat(500) }] }] }] }; // prettier-ignore
    const bytes = await bytesOf(produceRequest(order));
    expect(bytes).toEqual(await bytesOf(original(order)));
    expect(bytes.length).toBeLessThan(300);
  });
});
