/** Where simulated or replayed payments and their labels go as messages. */

export interface SinkMessage {
  readonly to: 'transactions' | 'labels';
  /** Messages of one key keep their order. */
  readonly key: string;
  /** JSON. */
  readonly value: string;
}

export interface PaymentSink {
  /** Resolves when all are durable; one call at a time. Rejects when they are not known to be. */
  send(messages: readonly SinkMessage[]): Promise<void>;
  close(): Promise<void>;
}
