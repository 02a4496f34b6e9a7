/** Payments as they were sent: by HTTP as answered, by the topic as they lie there. */
import { type Answer } from '../http-client.ts';
import { POISON_KEY } from '../poison.ts';
import { type ReadMessage } from '../readers/read-topic.ts';

export const isPoison = ({ key }: Pick<ReadMessage, 'key'>): boolean => key.startsWith(POISON_KEY);

interface Named {
  readonly transaction_id?: string;
}

/** The id of a payment: its own, or the one that its place in the topic gives it. */
export function idOfMessage({ partition, offset, timestampMs, value }: ReadMessage): string {
  const { transaction_id: own } = JSON.parse(value.toString()) as Named; // this benchmark wrote it
  return own ?? `message-${partition}-${offset}-${timestampMs}`;
}

export const idOfAnswer = ({ text }: Pick<Answer, 'text'>): string => (JSON.parse(text) as Named).transaction_id ?? '';
