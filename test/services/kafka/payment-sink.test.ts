import { expect, it } from 'vitest';
import { openPaymentSink } from '../../../src/adapters/kafka/payment-sink.ts';
import { messagesOf, someTopics } from '../../support/kafka.ts';
import { serverAddress } from '../../support/servers.ts';

const found = serverAddress('kafka');

if ('missing' in found) {
  it.skip(`needs Kafka: ${found.missing}`);
} else {
  const broker = found.address;

  it('sends payments and labels to their topics, with the version of their form', async () => {
    const prefix = await someTopics(broker, ['transactions', 'labels']);
    const sink = await openPaymentSink({ brokers: [broker], prefix });
    await sink.send([
      { to: 'transactions', key: 'u1', value: '{"a":1}' },
      { to: 'labels', key: 't1', value: '{"b":2}' },
    ]);
    await sink.send([{ to: 'transactions', key: 'u2', value: '{"a":3}' }]);
    await sink.close();
    const sent = await messagesOf(broker, `${prefix}transactions`);
    expect(sent.map(({ key, value }) => `${key} ${value.toString()}`).sort()).toEqual(['u1 {"a":1}', 'u2 {"a":3}']);
    expect(sent[0]!.header('schema-version')).toBe('1');
    expect(await messagesOf(broker, `${prefix}labels`)).toHaveLength(1);
  });

  it('says which brokers did not take what was sent', async () => {
    const sink = await openPaymentSink({ brokers: [broker], prefix: 'never-made.', patienceMs: 200 });
    const sending = sink.send([{ to: 'transactions', key: 'u1', value: '{"a":1}' }]);
    await expect(sending).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await sink.close();
  });
}
