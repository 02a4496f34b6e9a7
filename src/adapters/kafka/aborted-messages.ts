/**
 * Which messages a reader of committed ones may see; put in the place of kafkajs's own answer, which is wrong.
 *
 * kafkajs 2.2.4 takes the aborted transactions of a fetch in the order given and at most one for each message. The broker
 * lists them by where they end, so where two overlap, or both began before the fetch, messages of an aborted one pass for
 * committed. Import this file before kafkajs.
 */
import { createRequire } from 'node:module';

/** A transaction that was aborted: its messages are those of the producer from `firstOffset` on up to its abort marker. */
export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** What kafkajs decodes of a message before anything is filtered. */
export interface RawMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

/** Type of the control record that ends an aborted transaction. Source: KIP-98, “Control messages”. */
const ABORT = 0;
const TYPE_AT = 2;

function isAbortMarker({ isControlRecord, key }: RawMessage): boolean {
  return isControlRecord && key !== null && key.length >= TYPE_AT + 2 && key.readInt16BE(TYPE_AT) === ABORT;
}

/** The messages, in order of offset and with their control records, that belong to no aborted transaction. */
export function withoutAborted<M extends RawMessage>({
  messages,
  abortedTransactions,
}: {
  readonly messages: readonly M[];
  readonly abortedTransactions?: readonly AbortedTransaction[] | null;
}): readonly M[] {
  if (!abortedTransactions || abortedTransactions.length === 0) return messages;
  const ahead = abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: Number(firstOffset) }))
    .sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<string>();
  let next = 0;
  return messages.filter((message) => {
    const offset = Number(message.offset);
    for (; next < ahead.length && ahead[next]!.firstOffset <= offset; next += 1) aborting.add(ahead[next]!.producerId);
    const { producerId, inTransaction } = message.batchContext;
    if (!aborting.has(producerId) || !inTransaction) return true;
    if (isAbortMarker(message)) aborting.delete(producerId);
    return message.isControlRecord;
  });
}

const require = createRequire(import.meta.url);
const original = require.resolve('kafkajs/src/consumer/filterAbortedMessages.js');
require(original);
require.cache[original]!.exports = withoutAborted;
