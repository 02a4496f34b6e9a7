import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createKafka } from '../../../src/adapters/kafka/client.ts';
import {
  openTransactionStream,
  type TransactionStreamOptions,
} from '../../../src/adapters/kafka/transaction-stream.ts';
import { type DeadLetter, readDeadLetters } from '../../../src/adapters/kafka/dead-letters.ts';
import { replayDeadLetters } from '../../../src/adapters/kafka/replay-dead-letters.ts';
import { SentinelError } from '../../../src/domain/errors.ts';
import {
  type StreamHandler,
  type StreamOutcome,
  type TransactionStream,
} from '../../../src/ports/transaction-stream.ts';
import { range } from '../../support/journals.ts';
import { handled, JOURNAL_KEY, messagesOf, removeBelow, send, someTopics } from '../../support/kafka.ts';
import { serverAddress } from '../../support/servers.ts';

const found = serverAddress('kafka');

const echo = (value: Uint8Array, key: string | undefined): StreamOutcome => ({
  kind: 'handled',
  sends: [{ topic: 'decisions', key: key ?? '', value: Buffer.from(value).toString() }],
  records: [],
});

const lagOf = async (stream: TransactionStream): Promise<number> =>
  (await stream.lag()).reduce((sum, { messages }) => sum + messages, 0);

const payments = (count: number): { key: string; value: string }[] =>
  range(1, count).map((number) => ({ key: `u${number % 37}`, value: `payment ${number}` }));

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;

  const open = (
    prefix: string,
    handler: StreamHandler,
    options: Partial<TransactionStreamOptions> = {},
  ): Promise<TransactionStream> =>
    openTransactionStream({
      brokers: [broker],
      prefix,
      groupId: `${prefix}workers`,
      key: JOURNAL_KEY.key,
      handlers: { [`${prefix}transactions`]: handler },
      ...options,
    });

  const drained = (stream: TransactionStream): Promise<void> => until(async () => (await lagOf(stream)) === 0);

  describe('a stream of transactions', () => {
    it('answers every message once, in the order of its partition, while workers come and go', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions'], 6);
      const handler: StreamHandler = (messages) => handled(messages.map(({ value, key }) => echo(value, key)));
      const workers = [await open(prefix, handler, { batchLimit: 20 })];
      const sending = send(broker, `${prefix}transactions`, payments(3_000));
      workers.push(await open(prefix, handler, { batchLimit: 20 }));
      await sleep(300);
      await workers.shift()!.close();
      workers.push(await open(prefix, handler, { batchLimit: 20 }));
      await sending;
      await drained(workers[0]!);
      const decisions = await messagesOf(broker, `${prefix}decisions`);
      const texts = decisions.map(({ value }) => value.toString());
      expect(new Set(texts).size).toBe(3_000);
      expect(texts).toHaveLength(3_000);
      for (const user of range(0, 36)) {
        const numbers = decisions
          .filter(({ key }) => key === `u${user}`)
          .map(({ value }) => Number(value.toString().slice('payment '.length)));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
      await Promise.all(workers.map((worker) => worker.close()));
    });

    it('shares what is slow to handle among workers, and none is given up for being slow', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions'], 4);
      const slow: StreamHandler = async (messages) => {
        await sleep(50 * messages.length);
        return handled(messages.map(({ value, key }) => echo(value, key)));
      };
      const session = { sessionMs: 6_000 }; // the broker's shortest; a group waits three times as long for a worker
      await send(broker, `${prefix}transactions`, payments(1_800));
      const first = await open(prefix, slow, session);
      await sleep(1_000);
      const second = await open(prefix, slow, session);
      await drained(first);
      const texts = (await messagesOf(broker, `${prefix}decisions`)).map(({ value }) => value.toString());
      expect(texts).toHaveLength(1_800);
      expect(new Set(texts).size).toBe(1_800);
      expect(second.status().handled).toBeGreaterThan(300);
      expect(first.status().repeated + second.status().repeated).toBeLessThanOrEqual(8); // a rebalance ends what is under way
      await Promise.all([first.close(), second.close()]);
    });

    it('goes on when the group gave a worker up and its parts find out one after the other', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions'], 2);
      const quick: StreamHandler = (messages) => handled(messages.map(({ value, key }) => echo(value, key)));
      const waits = new Map([
        [0, 23_000],
        [1, 32_000],
      ]);
      const stuck: StreamHandler = async (messages) => {
        const { partition } = messages[0]!;
        const wait = waits.get(partition) ?? 0;
        waits.delete(partition);
        await sleep(wait);
        return quick(messages);
      };
      const session = { sessionMs: 6_000 };
      await send(broker, `${prefix}transactions`, payments(300));
      const first = await open(prefix, stuck, session);
      await until(() => waits.size === 0);
      const second = await open(prefix, quick, session); // the group waits 18 s for the first, and then no longer
      await until(() => first.status().repeated === 2);
      await send(broker, `${prefix}transactions`, payments(300));
      await drained(first);
      expect(await messagesOf(broker, `${prefix}decisions`)).toHaveLength(600);
      await Promise.all([first.close(), second.close()]);
    });

    it('keeps aside what cannot be read, byte for byte and with its source', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions', 'transactions.dlq']);
      const poison = Buffer.from([0xff, 0x00, 0xfe]);
      const handler: StreamHandler = (messages) =>
        handled(
          messages.map(({ value, key }) =>
            value[0] === 0xff ? { kind: 'dead', reason: 'invalid', error: 'no JSON' } : echo(value, key),
          ),
        );
      await send(broker, `${prefix}transactions`, [...payments(5), { key: 'u1', value: poison }, ...payments(2)]);
      const stream = await open(prefix, handler);
      await drained(stream);
      const [dead, ...others] = await messagesOf(broker, `${prefix}transactions.dlq`);
      expect(others).toEqual([]);
      expect(dead!.value).toEqual(poison);
      expect(dead!.header('reason')).toBe('invalid');
      expect(dead!.header('error')).toBe('no JSON');
      const [partition, offset] = [dead!.header('source-partition'), dead!.header('source-offset')];
      const source = (await messagesOf(broker, `${prefix}transactions`)).find(
        (message) => String(message.partition) === partition && String(message.offset) === offset,
      );
      expect(source!.value).toEqual(poison);
      expect(stream.status()).toMatchObject({ handled: 7, dead: 1, repeated: 0 });
      await stream.close();
    });

    it('finds the one message that makes the handler fail and goes on without it', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions', 'transactions.dlq']);
      const handler: StreamHandler = (messages) =>
        messages.some(({ value }) => Buffer.from(value).toString() === 'payment 4')
          ? Promise.reject(new TypeError('a bug'))
          : handled(messages.map(({ value, key }) => echo(value, key)));
      await send(broker, `${prefix}transactions`, payments(9));
      const stream = await open(prefix, handler);
      await drained(stream);
      expect(stream.status()).toMatchObject({ handled: 8, dead: 1 });
      const [dead] = await messagesOf(broker, `${prefix}transactions.dlq`);
      expect(dead!.header('error')).toBe('TypeError: a bug');
      await stream.close();
    });

    it('has its dead letters listed and sent again', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions', 'transactions.dlq']);
      let isMended = false;
      const handler: StreamHandler = (messages) =>
        handled(
          messages.map(({ value, key }) =>
            isMended || key !== 'u2' ? echo(value, key) : { kind: 'dead', reason: 'invalid', error: 'too new' },
          ),
        );
      await send(broker, `${prefix}transactions`, payments(4));
      const stream = await open(prefix, handler);
      await drained(stream);
      isMended = true;
      const letters: DeadLetter[] = [];
      for await (const letter of readDeadLetters({ brokers: [broker], prefix })) letters.push(letter);
      expect(letters).toHaveLength(1);
      expect(letters[0]).toMatchObject({ reason: 'invalid', error: 'too new', value: Buffer.from('payment 2') });
      expect(letters[0]!.source.topic).toBe(`${prefix}transactions`);
      expect(await replayDeadLetters({ brokers: [broker], prefix }, ({ reason }) => reason !== 'invalid')).toBe(0);
      expect(await replayDeadLetters({ brokers: [broker], prefix }, () => true)).toBe(1);
      await until(() => stream.status().handled === 4);
      await drained(stream); // the end of the transaction they were sent in is no message
      expect(await messagesOf(broker, `${prefix}decisions`)).toHaveLength(4);
      expect(await replayDeadLetters({ brokers: [broker], prefix }, () => true)).toBe(0);
      for await (const letter of readDeadLetters({ brokers: [broker], prefix })) expect(letter.isReplayed).toBe(true);
      await stream.close();
    });

    it('lists what others wrote among its dead letters, and sends it nowhere', async () => {
      const prefix = await someTopics(broker, ['transactions', 'transactions.dlq'], 1);
      await send(broker, `${prefix}transactions.dlq`, [{ key: 'u', value: 'by hand' }]);
      const letters: DeadLetter[] = [];
      for await (const letter of readDeadLetters({ brokers: [broker], prefix })) letters.push(letter);
      expect(letters).toMatchObject([{ reason: 'FOREIGN', isForeign: true, value: Buffer.from('by hand') }]);
      expect(await replayDeadLetters({ brokers: [broker], prefix }, () => true)).toBe(0);
    });

    it('begins with what retention has left', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions'], 1);
      await send(broker, `${prefix}transactions`, payments(30));
      await removeBelow(broker, `${prefix}transactions`, 0, 10);
      const stream = await open(prefix, (messages) => handled(messages.map(({ value, key }) => echo(value, key))));
      await drained(stream);
      expect(await messagesOf(broker, `${prefix}decisions`)).toHaveLength(20);
      await stream.close();
    });

    it('passes more aborted messages than a fetch holds, and no other', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions'], 1);
      const topic = `${prefix}transactions`;
      await send(broker, topic, payments(3));
      const abort = async (): Promise<void> => {
        const producer = createKafka({ brokers: [broker] }).producer({
          transactionalId: `${prefix}sender`,
          idempotent: true,
          maxInFlightRequests: 1,
        });
        await producer.connect();
        const transaction = await producer.transaction();
        const value = 'never to be seen'.repeat(6_000);
        for (let i = 0; i < 12; i++) await transaction.send({ topic, messages: [{ key: 'u', value }] });
        await transaction.abort();
        await producer.disconnect();
      };
      // Their end may be written behind what is sent next, and is lag then.
      const echoing = () => open(prefix, (messages) => handled(messages.map(({ value, key }) => echo(value, key))));
      await abort();
      await send(broker, topic, payments(2));
      const stream = await echoing();
      await until(() => stream.status().handled === 5); // taken anew in front of them, and passed
      await abort();
      await send(broker, topic, payments(4));
      await until(() => stream.status().handled === 9); // met on the way
      await stream.close();
      await abort();
      await send(broker, topic, payments(1));
      const next = await echoing();
      await until(() => next.status().handled === 1); // where the last one stopped
      await next.close();
      const values = (await messagesOf(broker, `${prefix}decisions`)).map(({ value }) => value.toString());
      expect(values).toEqual([3, 2, 4, 1].flatMap((count) => payments(count).map(({ value }) => value)));
    });

    it('commits fewer at a time when the decisions of a batch are more than the topic takes at once', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions'], 1);
      await send(broker, `${prefix}transactions`, payments(200));
      const long = 'x'.repeat(30_000);
      const stream = await open(prefix, (messages) =>
        handled(messages.map(({ value, key }) => echo(Buffer.from(`${Buffer.from(value).toString()} ${long}`), key))),
      );
      await drained(stream);
      expect(await messagesOf(broker, `${prefix}decisions`)).toHaveLength(200);
      await stream.close();
    });

    it('keeps the largest message aside that can be sent', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions', 'transactions.dlq'], 1);
      await send(broker, `${prefix}transactions`, [{ key: 'u', value: Buffer.alloc(1_048_500, 97) }]);
      const stream = await open(prefix, (messages) =>
        handled(messages.map(() => ({ kind: 'dead', reason: 'INVALID_JSON', error: 'no JSON' }))),
      );
      await drained(stream);
      expect(stream.status().dead).toBe(1);
      await stream.close();
    });

    it('is closed at once while it waits, and leaves what it had to others', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions']);
      await send(broker, `${prefix}transactions`, payments(5));
      const stream = await open(prefix, () => Promise.reject(new SentinelError('OVERLOADED')));
      await until(() => stream.status().state === 'waiting');
      await sleep(1_000); // by now it waits for more than a second at a time
      const begun = performance.now();
      await stream.close();
      expect(performance.now() - begun).toBeLessThan(5_000);
      const next = await open(prefix, (messages) => handled(messages.map(({ value, key }) => echo(value, key))));
      await drained(next);
      expect(next.status().handled).toBe(5);
      await next.close();
    });

    it('waits while something is out of order, says so, and then loses and repeats nothing', async () => {
      const prefix = await someTopics(broker, ['transactions', 'decisions']);
      let isDown = true;
      const handler: StreamHandler = (messages) =>
        isDown
          ? Promise.reject(new SentinelError('OVERLOADED'))
          : handled(messages.map(({ value, key }) => echo(value, key)));
      await send(broker, `${prefix}transactions`, payments(50));
      const stream = await open(prefix, handler);
      await until(() => stream.status().state === 'waiting');
      expect(stream.status().problem).toMatch(/in flight/);
      expect(await lagOf(stream)).toBe(50);
      isDown = false;
      await drained(stream);
      expect(stream.status()).toMatchObject({ state: 'running', handled: 50, dead: 0 });
      expect(await messagesOf(broker, `${prefix}decisions`)).toHaveLength(50);
      await stream.close();
      expect(stream.status().state).toBe('closed');
    });
  });
}
