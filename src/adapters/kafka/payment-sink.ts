/** Payments and labels sent to their topics. */
import { type PaymentSink, type SinkMessage } from '../../ports/payment-sink.ts';
import { ALL_REPLICAS, createKafka, IN_ORDER, type KafkaSettings, reaching } from './client.ts';
import { SCHEMA_HEADERS } from './outbox.ts';

export interface PaymentSinkOptions extends KafkaSettings {
  /** Stands before the names of the topics. */
  readonly prefix?: string;
}

export async function openPaymentSink(options: PaymentSinkOptions): Promise<PaymentSink> {
  const producer = createKafka(options).producer({
    idempotent: true,
    ...IN_ORDER,
  });
  await reaching(options, () => producer.connect());
  const to = (name: SinkMessage['to'], messages: readonly SinkMessage[]) => ({
    topic: (options.prefix ?? '') + name,
    messages: messages
      .filter((message) => message.to === name)
      .map(({ key, value }) => ({ key, value, headers: SCHEMA_HEADERS })),
  });
  return {
    async send(messages) {
      const topicMessages = [to('transactions', messages), to('labels', messages)];
      await reaching(options, () =>
        producer.sendBatch({
          acks: ALL_REPLICAS,
          topicMessages: topicMessages.filter((each) => each.messages.length > 0),
        }),
      );
    },
    close: () => producer.disconnect(),
  };
}
